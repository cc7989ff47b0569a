"""Processes of a server, the processor time of all of them, and a PostgreSQL of its own."""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")

# The servers get one core, the client and the rest of the machine the others.
CORE = max(os.sched_getaffinity(0))


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start(command, log, **options):
    """In a session of its own, so that it can be ended with all that it starts; on the servers' core."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {CORE}),  # noqa: PLW1509
        **options,
    )


def stop(process, how=signal.SIGTERM):
    try:
        os.killpg(process.pid, how)
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        process.wait()


def family(roots):
    """These processes and all that descend from them, with the fields of `stat` after the name."""
    fields, children = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            fields[int(entry)] = stat
            children.setdefault(int(stat[1]), []).append(int(entry))
    found, queue = {}, list(roots)
    while queue:
        pid = queue.pop()
        if pid in fields:
            found[pid] = fields[pid]
            queue += children.get(pid, [])
    return found


def cpu(roots):
    """Seconds that the processes used, to the nanosecond by their clocks, and their ended children, in ticks."""
    total = 0.0
    for pid, stat in family(roots).items():
        try:
            # CPUCLOCK_SCHED of a whole process, see clock_getcpuclockid(3).
            total += time.clock_gettime((~pid << 3) | 2)
        except OSError:
            continue
        total += (int(stat[13]) + int(stat[14])) / TICK
    return total


def memory(roots):
    """Their proportional share of memory in MB: pages that several use count once."""
    total = 0
    for pid in family(roots):
        try:
            lines = Path("/proc", str(pid), "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",
    # One core: workers and compiled plans would only cost.
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    # The data are made once and then read.
    "fsync": "off",
    "autovacuum": "off",
    "max_wal_size": "4GB",
}


class Postgres:
    """A cluster in a folder, on a port of its own. It refuses to run as root: then it is user postgres's."""

    def __init__(self, folder, log):
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
        if not versions:
            raise FileNotFoundError("PostgreSQL is not installed")
        self.programs = versions[-1].parent
        self.folder = folder
        self.user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        self.port = free_port()
        if not (folder / "PG_VERSION").exists():
            folder.mkdir(parents=True, exist_ok=True)
            if self.user:
                shutil.chown(folder, "postgres", "postgres")
            command = [self.programs / "initdb", "-D", folder, "-U", "peers", "--auth=trust", "-E", "UTF8", "--locale=C"]
            subprocess.run(command, check=True, stdout=log, stderr=log, cwd="/", **self.user)
        settings = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        settings += [f"-cunix_socket_directories={folder}", f"-cport={self.port}"]
        self.process = start([self.programs / "postgres", "-D", folder, *settings], log, cwd="/", **self.user)
        self.pid = self.process.pid
        for _ in range(300):
            if subprocess.run([self.programs / "pg_isready", "-qh127.0.0.1", f"-p{self.port}"], check=False).returncode == 0:
                return
            time.sleep(0.1)
        raise TimeoutError("PostgreSQL does not answer")

    def sql(self, text, database="peers"):
        command = [self.programs / "psql", self.url(database), "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", text]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def url(self, database="peers"):
        return f"postgresql://peers@127.0.0.1:{self.port}/{database}"

    def stop(self):
        # SIGINT to the postmaster alone: it ends its own children.
        os.kill(self.pid, signal.SIGINT)
        self.process.wait(30)

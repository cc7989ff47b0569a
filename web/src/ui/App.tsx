import { useEffect } from "preact/hooks";
import { loadPlan } from "../load";
import {
  announcement,
  drawer,
  isPhone,
  openDrawer,
  plan,
  readyPlan,
  selected,
  sheetStop,
  t,
  timed,
} from "../state";
import { DetailPanel } from "./DetailPanel";
import { Footer } from "./Footer";
import { closeDetail } from "./focus";
import { Header } from "./Header";
import { later } from "./later";
import { MapPane } from "./MapPane";
import { Rail } from "./Rail";

const Timeline = later(async () => (await import("../query/Timeline")).Timeline);
const TableDrawer = later(async () => (await import("../query/TableDrawer")).TableDrawer);

export function App() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && selected.peek()) closeDetail();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  if (!readyPlan.value) return <Opening />;
  const hasTimeline = timed.value.length > 0;
  const classes = [
    "body",
    selected.value ? "has-detail" : "",
    hasTimeline ? "timed" : "",
    `sheet-${sheetStop.value}`,
  ];
  return (
    <>
      <SkipLinks />
      <Header />
      <main class={classes.filter(Boolean).join(" ")}>
        <Rail />
        <MapPane />
        {hasTimeline && (
          <div class="timeline-room">
            <Timeline />
          </div>
        )}
        {drawer.value === "shut" ? !isPhone.value && <OpenTable /> : <TableDrawer />}
        {selected.value && <DetailPanel />}
      </main>
      <Footer />
      <div class="unseen" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </>
  );
}

function OpenTable() {
  return (
    <button type="button" id="open-table" class="open-table" onClick={() => openDrawer("half")}>
      <svg width="12" height="8" viewBox="0 0 12 8" aria-hidden="true">
        <path d="M1 7l5-5 5 5" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
      {t("tableTab")}
    </button>
  );
}

function SkipLinks() {
  return (
    <nav class="skip" aria-label={t("skipToMap")}>
      <a href="#map-view">{t("skipToMap")}</a>
      <a href="#rail">{t("skipToList")}</a>
    </nav>
  );
}

/** Before the plan is here, and when it does not come. */
function Opening() {
  if (plan.value.state !== "failed") {
    return (
      <main class="opening" aria-busy="true">
        <p>{t("loading")}</p>
      </main>
    );
  }
  return (
    <main class="opening">
      <p role="alert">{t("serverDown")}</p>
      <button type="button" class="primary" onClick={() => void loadPlan()}>
        {t("retry")}
      </button>
    </main>
  );
}

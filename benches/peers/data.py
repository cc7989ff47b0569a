"""The city's parcels where each peer wants them: once in PostGIS and once as Shapefile, in degrees and in metres."""

import shutil
import subprocess

COLUMNS = "id, parcel_no, land_use, plot_ratio, site_area_m2, storeys, built, street, owner"

TABLES = f"""
CREATE TABLE parcels AS SELECT ogc_fid AS fid, {COLUMNS}, geom FROM loaded ORDER BY ogc_fid;
CREATE TABLE parcels_3857 AS SELECT fid, {COLUMNS}, ST_Transform(geom, 3857)::geometry(Polygon, 3857) AS geom FROM parcels;
DROP TABLE loaded;
ALTER TABLE parcels ADD PRIMARY KEY (fid);
ALTER TABLE parcels_3857 ADD PRIMARY KEY (fid);
CREATE INDEX ON parcels USING gist (geom);
CREATE INDEX ON parcels_3857 USING gist (geom);
CREATE INDEX ON parcels (plot_ratio, site_area_m2);
CREATE INDEX ON parcels (site_area_m2);
"""


def ogr(*arguments):
    subprocess.run(["ogr2ogr", "-q", *map(str, arguments)], check=True)


def into_postgis(postgres, source):
    if postgres.sql("SELECT 1 FROM pg_database WHERE datname = 'peers'", "postgres"):
        return
    postgres.sql("CREATE DATABASE loading", "postgres")
    postgres.sql("CREATE EXTENSION postgis", "loading")
    options = ["-nln", "loaded", "-nlt", "POLYGON", "-lco", "GEOMETRY_NAME=geom", "-lco", "SPATIAL_INDEX=NONE"]
    ogr("-f", "PostgreSQL", f"PG:{postgres.url('loading')}", source, *options, "--config", "PG_USE_COPY", "YES")
    postgres.sql(TABLES, "loading")
    postgres.sql("VACUUM ANALYZE", "loading")
    # The name says that it is whole.
    postgres.sql("ALTER DATABASE loading RENAME TO peers", "postgres")


def into_shapefiles(folder, source):
    """Fields as wide as their texts: Shapefile's default of 80 characters would be read from disk each time."""
    widths = {"id": 8, "parcel_no": 16, "land_use": 1, "street": 24, "owner": 12}
    fields = [f"CAST({name} AS character({widths[name]})) AS {name}" if name in widths else name for name in COLUMNS.split(", ")]
    for crs in (4326, 3857):
        target = folder / f"parcels_{crs}.shp"
        if not target.with_suffix(".qix").exists():
            query = f"SELECT {', '.join(fields)} FROM parcels"
            ogr("-overwrite", "-t_srs", f"EPSG:{crs}", "-sql", query, "-lco", "SPATIAL_INDEX=YES", "-lco", "ENCODING=UTF-8", target, source)


def without_budget(city, folder):
    """The plan again, whose tiles leave nothing out and merge nothing, as the peers' do not."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(city / "seeds", folder / "seeds")
    (folder / "geodata").symlink_to(city / "geodata")
    plan = folder / "seeds/plan.toml"
    plan.write_text("tiles = { features = 1000000, bytes = 100000000 }\n" + plan.read_text())
    return folder

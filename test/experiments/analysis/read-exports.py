"""Reads what a campaign was exported as with libraries by other hands, and prints what they found as JSON."""

import json
import sys
from pathlib import Path

from frictionless import Checklist, Package
from frictionless.resources import FileResource
from google.protobuf import json_format
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from ucumvert import get_ucum_parser


def otlp(path):
    """Values by metric and attributes; any field that the protocol does not know is an error."""
    request = json_format.Parse(Path(path).read_text(), ExportMetricsServiceRequest())
    metrics = [m for r in request.resource_metrics for s in r.scope_metrics for m in s.metrics]
    parser = get_ucum_parser()
    for metric in metrics:
        parser.parse(metric.unit)
    return {
        "units": sorted({metric.unit for metric in metrics}),
        "resource": {a.key: a.value.string_value for a in request.resource_metrics[0].resource.attributes},
        "p95": [
            [{a.key: a.value.string_value for a in point.attributes}, point.as_double, point.time_unix_nano]
            for metric in metrics
            if metric.name == "ahuora.campaign.p95"
            for point in metric.gauge.data_points
        ],
    }


def histograms(folder):
    """Count and percentiles in milliseconds of each histogram log, its intervals summed."""
    found = {}
    for path in sorted(Path(folder).glob("*.hlog")):
        total = HdrHistogram(1000, int(6e10), 3)
        reader = HistogramLogReader(str(path), total)
        while reader.add_next_interval_histogram():
            pass
        percentiles = [total.get_value_at_percentile(p) / 1e6 for p in (50, 90, 95)]
        found[path.name] = [total.get_total_count(), *percentiles]
    return found


def package(path):
    """What Frictionless finds wrong: each table row by row, and each file by its size and digest."""
    described = Package(path)
    # Its reader of Parquet counts no bytes, so those are counted of every file as a file.
    reports = [described.validate(Checklist(skip_errors=["byte-count", "hash-count"]))]
    for one in described.resources:
        file = FileResource(name=one.name, path=one.path, basepath=one.basepath, bytes=one.bytes, hash=one.hash)
        reports.append(file.validate())
    found = [[task.name, error.type, error.note] for report in reports for task in report.tasks for error in task.errors]
    return found + [["", error.type, error.note] for report in reports for error in report.errors]


try:
    print(json.dumps({"otlp": otlp, "hdr": histograms, "package": package}[sys.argv[1]](sys.argv[2])))
except Exception as error:  # noqa: BLE001 (a refusal is an answer, too)
    print(json.dumps({"refused": f"{type(error).__name__}: {error}"[:300]}))

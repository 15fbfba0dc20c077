"""One trace of a report, from the caller through the gateway into every service."""

import os

from steward.report.v1 import report_pb2 as reports
from steward.report.v1.report_pb2_grpc import ReportServiceStub as Reports
from steward.type.v1 import period_pb2 as periods

from processes import DOMAINS


def test_the_spans_of_a_report_are_joined(suite, collector, caller):
    trace_id, span_id = os.urandom(16), os.urandom(8)
    period = periods.MonthPeriod(from_month="2016-01", until_month="2016-07")
    # Names of organizations are the directory's, so that it is asked too.
    request = reports.GetCostReductionReportRequest(
        period=period, group_by=[reports.REPORT_GROUPING_ORGANIZATION])
    caller().call(Reports, "GetCostReductionReport", request,
                  headers=[("traceparent", f"00-{trace_id.hex()}-{span_id.hex()}-01")])
    wanted = {f"steward-{name}" for name in [*DOMAINS, "directory", "gateway"]}
    spans = collector.trace(trace_id, lambda found: {service for service, _ in found} >= wanted)
    by_id = {span.span_id: (service, span) for service, span in spans}
    roots = [service for service, span in spans if span.parent_span_id == span_id]
    assert roots == ["steward-gateway"]
    for service, span in spans:
        # Every other span hangs, by known spans, below the gateway's.
        above = span
        while above.parent_span_id != span_id:
            assert above.parent_span_id in by_id, (service, span.name)
            _, above = by_id[above.parent_span_id]
    summed = [service for service, span in spans if span.name.endswith("LedgerService/SummarizeCosts")
              and service != "steward-gateway"]
    assert sorted(summed) == sorted(f"steward-{name}" for name in DOMAINS)

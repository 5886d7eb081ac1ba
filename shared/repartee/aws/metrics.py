"""CloudWatch's embedded metric format: metrics as lines on standard output.

Powertools' metrics are not thread-safe: only the main thread emits.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics

from repartee.ports.metrics import MetricsLine

METRICS_NAMESPACE = "Repartee"


def emit_metrics(line: MetricsLine) -> None:
    """Writes the line to standard output, where CloudWatch reads it."""
    metrics = EphemeralMetrics(namespace=METRICS_NAMESPACE)
    for position, dimensions in enumerate(line.dimension_sets):
        if position:
            metrics.add_dimensions(**dimensions)
        else:  # the first set is the one that Powertools begins with
            for name, value in dimensions.items():
                metrics.add_dimension(name, value)
    for name, told in line.properties.items():
        metrics.add_metadata(name, told)
    for metric in line.metrics:
        metrics.add_metric(metric.name, metric.unit, metric.value)
    metrics.flush_metrics()

"""An error as a person reads it: what, where, why, and what to do."""

from pipeline.errors import PipelineError


def text(error: PipelineError) -> str:
    """What, where, why and what to do, a line each."""
    lines = [f"error: {error.what}"]
    if error.where:
        lines.append(f"  at {error.where}")
    if error.why:
        lines += [f"  {line}" for line in error.why.splitlines()]
    if error.todo:
        lines.append(f"to do: {error.todo}")
    return "\n".join(lines)


def document(error: PipelineError) -> dict[str, object]:
    """The same as plain data."""
    return {
        "error": {"what": error.what, "where": error.where, "why": error.why, "todo": error.todo},
        "exit_code": int(error.exit_code),
    }

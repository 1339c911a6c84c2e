"""The command of the reference server."""

import asyncio
import contextlib
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omnisession_reference import protocol
from omnisession_reference.access import Access
from omnisession_reference.core import Settings
from omnisession_reference.keys import AccessError
from omnisession_reference.kinds import KIND_NAMES
from omnisession_reference.log import LEVELS, Log
from omnisession_reference.parts import Parts
from omnisession_reference.protocol import DEFAULT_TIMERS, LIMITS, windows_up_to
from omnisession_reference.service import Options, UnreachableError, serve
from omnisession_reference.token_keys import TokenRules

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from omnisession_reference.faults import Fault
    from omnisession_reference.variants import Variant

EXIT_INTERRUPTED = 2
EXIT_FAILED = 3
EXIT_USAGE = 4


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--nats",
    "url",
    envvar="NATS_URL",
    default="nats://127.0.0.1:4222",
    show_default=True,
    help="Address of the broker [env: NATS_URL].",
)
@click.option("--user", envvar="NATS_USER", help="User of the broker [env: NATS_USER].")
@click.option("--password", envvar="NATS_PASSWORD", help="The password [env: NATS_PASSWORD].")
@click.option("--token", envvar="NATS_TOKEN", help="A token in their place [env: NATS_TOKEN].")
@click.option("--creds", envvar="NATS_CREDS", help="A file of credentials [env: NATS_CREDS].")
@click.option("--nkey", envvar="NATS_NKEY", help="File with a user's seed [env: NATS_NKEY].")
@click.option("--tlsca", "ca", envvar="NATS_CA", help="CA of the broker, PEM [env: NATS_CA].")
@click.option(
    "--tlscert", "cert", envvar="NATS_CERT", help="Certificate of the server, PEM [env: NATS_CERT]."
)
@click.option("--tlskey", "key", envvar="NATS_KEY", help="Its private key, PEM [env: NATS_KEY].")
@click.option(
    "--tlsservername",
    "server_name",
    envvar="NATS_TLS_SERVER_NAME",
    help="Name that the broker's certificate is for [env: NATS_TLS_SERVER_NAME].",
)
@click.option(
    "--tlsfirst",
    "tls_first",
    is_flag=True,
    envvar="NATS_TLS_FIRST",
    help="Begin with TLS, before the broker says anything [env: NATS_TLS_FIRST].",
)
@click.option(
    "--secret",
    envvar="OMNISESSION_SECRET",
    help="Key that signs the tokens of users, HS256 [env: OMNISESSION_SECRET].",
)
@click.option(
    "--keys",
    "key_files",
    type=click.Path(path_type=Path),
    multiple=True,
    envvar="OMNISESSION_KEYS",
    help="File with public keys that sign tokens, PEM or JSON Web Key Set; several times for several "
    "[env: OMNISESSION_KEYS].",
)
@click.option(
    "--audience",
    envvar="OMNISESSION_AUDIENCE",
    help="What tokens have to name in aud; any if absent [env: OMNISESSION_AUDIENCE].",
)
@click.option(
    "--issuer",
    envvar="OMNISESSION_ISSUER",
    help="What tokens have to have as iss; any if absent [env: OMNISESSION_ISSUER].",
)
@click.option(
    "--kinds",
    envvar="OMNISESSION_KINDS",
    default=",".join(KIND_NAMES),
    show_default=True,
    help="Kinds to serve, some of these [env: OMNISESSION_KINDS].",
)
@click.option(
    "--profile",
    "profile",
    type=click.Choice(["secure"]),
    envvar="OMNISESSION_PROFILE",
    help="Also keep a profile that is off otherwise: answer a user on inboxes below the user's token "
    "alone [env: OMNISESSION_PROFILE].",
)
@click.option(
    "--end-with-token",
    is_flag=True,
    envvar="OMNISESSION_END_WITH_TOKEN",
    help="A session ends with the token that opened it, or was shown last "
    "[env: OMNISESSION_END_WITH_TOKEN].",
)
@click.option(
    "--revocations",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="OMNISESSION_REVOCATIONS",
    help="File of tokens that were revoked, one JSON object a line; with --end-with-token their sessions "
    "end [env: OMNISESSION_REVOCATIONS].",
)
@click.option(
    "--rate",
    type=click.IntRange(min=1),
    envvar="OMNISESSION_RATE",
    help="Actions a second that a session may send; no limit if absent [env: OMNISESSION_RATE].",
)
@click.option(
    "--window-ms",
    type=click.IntRange(min=1_000),
    default=DEFAULT_TIMERS.resume_window_ms,
    show_default=True,
    envvar="OMNISESSION_WINDOW_MS",
    help="Longest resume window that is granted [env: OMNISESSION_WINDOW_MS].",
)
@click.option(
    "--outcomes-ms",
    type=click.IntRange(min=1_000),
    default=LIMITS["outcomes_ms"],
    show_default=True,
    envvar="OMNISESSION_OUTCOMES_MS",
    help="How long outcomes of a user without a session are kept [env: OMNISESSION_OUTCOMES_MS].",
)
@click.option(
    "--store",
    type=click.Choice(["memory", "jetstream"]),
    default="memory",
    show_default=True,
    envvar="OMNISESSION_STORE",
    help="Where sessions are kept: here, or (experimental, to try out) in a journal of the broker "
    "[env: OMNISESSION_STORE].",
)
@click.option(
    "--fault",
    envvar="OMNISESSION_FAULT",
    help="Break one requirement on purpose [env: OMNISESSION_FAULT].",
)
@click.option("--list-faults", is_flag=True, help="List the faults and exit.")
@click.option(
    "--variant",
    envvar="OMNISESSION_VARIANT",
    help="Be unusual in one way that is allowed [env: OMNISESSION_VARIANT].",
)
@click.option("--list-variants", is_flag=True, help="List the variants and exit.")
@click.option("--log-level", type=click.Choice(list(LEVELS)), default="info", show_default=True)
def command(
    *,
    secret: str | None,
    key_files: tuple[Path, ...],
    audience: str | None,
    issuer: str | None,
    kinds: str,
    profile: str | None,
    end_with_token: bool,
    revocations: Path | None,
    rate: int | None,
    window_ms: int,
    outcomes_ms: int,
    store: str,
    fault: str | None,
    list_faults: bool,
    variant: str | None,
    list_variants: bool,
    log_level: str,
    **broker: Any,
) -> int:
    """Serve sessions over NATS until SIGTERM."""
    if list_faults:
        _list_faults()
        return 0
    if list_variants:
        _list_variants()
        return 0
    if not secret and not key_files:
        raise click.UsageError(
            "a secret or keys are needed: --secret or OMNISESSION_SECRET, --keys or OMNISESSION_KEYS"
        )
    if outcomes_ms < window_ms:
        raise click.UsageError(
            "--outcomes-ms is below --window-ms: a client may be away for so long"
        )
    protocol.DEFAULT_TIMERS = windows_up_to(window_ms)
    LIMITS["outcomes_ms"] = outcomes_ms
    tokens = TokenRules(key_files, audience, issuer, revocations)
    settings = Settings(_kinds(kinds), rate, profile == "secure", tokens, end_with_token)
    parts = [*_unusual(variant, settings), *_faulty(fault, settings)]
    if len({part.__bases__ for part in parts}) < len(parts):
        raise click.UsageError(f"--fault {fault} and --variant {variant} change the same part")
    made = Options(Access(**broker), secret or "", Log(log_level), Parts(parts), settings)
    on_journal = _on_journal(
        store, fault, variant, unusual=bool(parts), end_with_token=end_with_token
    )
    try:
        if on_journal:
            return asyncio.run(_durable()(made))
        asyncio.run(serve(made))
    except AccessError as error:
        raise click.UsageError(str(error)) from error
    except UnreachableError as error:
        click.echo(str(error), err=True)
        return EXIT_FAILED
    return 0


def _on_journal(
    store: str,
    fault: str | None,
    variant: str | None,
    *,
    unusual: bool,
    end_with_token: bool,
) -> bool:
    """Whether a server keeps its sessions in a journal; raises UsageError for what it cannot do there."""
    of_fault = fault and _faults()[fault].durable
    durable = bool(of_fault or (variant and _variants()[variant].durable))
    if store != "jetstream" and not durable:
        return False
    if end_with_token or (unusual and not durable):
        told = "--end-with-token and this --fault or --variant are of a server in memory"
        raise click.UsageError(f"{told}: --store memory")
    return True


def _durable() -> "Callable[[Options], Coroutine[Any, Any, int]]":
    from omnisession_durable import service  # noqa: PLC0415 a server in memory has no journal

    return service.serve


def _kinds(names: str) -> tuple[str, ...]:
    kinds = tuple(name.strip() for name in names.split(","))
    for name in kinds:
        if name not in KIND_NAMES:
            known = ", ".join(KIND_NAMES)
            raise click.UsageError(f"there is no kind {name!r}; --kinds takes some of {known}")
    return kinds


def _faults() -> dict[str, "Fault"]:
    from omnisession_reference.faults import FAULTS  # noqa: PLC0415 a right server has none

    return FAULTS


def _list_faults() -> None:
    for name, fault in _faults().items():
        click.echo(f"{name}\t{fault.requirement}\t{fault.sentence}")


def _faulty(name: str | None, settings: Settings) -> "Sequence[type]":
    """Put a fault's limits, rate and kinds in force; the parts that it replaces."""
    if not name:
        return ()
    fault = _faults().get(name)
    if fault is None:
        raise click.UsageError(f"there is no fault {name!r}; --list-faults names them all")
    LIMITS.update(fault.limits)
    settings.rate = fault.rate or settings.rate
    settings.kinds = settings.kinds if fault.kinds is None else fault.kinds
    settings.secure = settings.secure or fault.secure
    return fault.parts


def _variants() -> dict[str, "Variant"]:
    from omnisession_reference.variants import VARIANTS  # noqa: PLC0415 the usual server has none

    return VARIANTS


def _list_variants() -> None:
    for name, variant in _variants().items():
        profile = "\tdurable" if variant.durable else ""
        click.echo(f"{name}\t{','.join(variant.warns) or '-'}\t{variant.sentence}{profile}")


def _unusual(name: str | None, settings: Settings) -> "Sequence[type]":
    """Put in force what is unusual in a variant beside its parts; the parts that it replaces."""
    if not name:
        return ()
    variant = _variants().get(name)
    if variant is None:
        raise click.UsageError(f"there is no variant {name!r}; --list-variants names them all")
    variant.prepare()
    LIMITS.update(variant.limits)
    for limit in variant.untold:
        del LIMITS[limit]
    settings.kinds = settings.kinds if variant.kinds is None else variant.kinds
    settings.rate = variant.rate or settings.rate
    settings.secure = settings.secure or variant.secure
    return variant.parts


def main() -> None:
    """Run the command; exit 0 after a drain, 2 interrupted, 3 where it failed, 4 for wrong usage."""
    code = _guarded()
    # A stream that was closed is None.
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            code = code or EXIT_FAILED
            # What cannot be written is not tried again when the process ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _guarded() -> int:
    # Python and click end with 1 where something breaks, and 1 is no answer of a server.
    try:
        # As whoever hands over to it has called it, so that its help can be copied.
        name = os.environ.pop("OMNISESSION_CALLED_AS", None)
        code: object = command.main(prog_name=name, standalone_mode=False)
    except click.ClickException as error:
        with contextlib.suppress(OSError):
            error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        return EXIT_INTERRUPTED
    except SystemExit as end:
        return EXIT_FAILED if end.code else 0
    except OSError as error:
        with contextlib.suppress(OSError):
            click.echo(f"the server failed: {error}", err=True)
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001 whatever it was, the server has not done its work
        with contextlib.suppress(OSError):
            traceback.print_exception(error)
        return EXIT_FAILED
    return code if isinstance(code, int) else 0

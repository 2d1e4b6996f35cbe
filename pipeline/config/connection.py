"""A database URL becomes libpq parameters by our own reading, because libpq repeats a bad one in its error.

What cannot be read is refused without a word of it. A server elsewhere is reached with its identity
verified, unless the file says otherwise aloud.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from pipeline.config.references import Reference, Variable
from pipeline.errors import ConfigurationError, Refused
from pipeline.shapes.words import listed

SYSTEM: Final = "system"
INSECURE: Final = "insecure"
STRICTEST: Final = "verify-full"

_SCHEME = re.compile(r"postgres(?:ql)?://")
_MASK = "\ue000"
_SECRET_KEYS = frozenset(
    {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
)
_PASSWORD_PLACES = re.compile(rf"(?:://[^/?@:]*:|[?&](?:{'|'.join(_SECRET_KEYS)})=)({_MASK}+)(?=@|&|$)")
_SECRET = re.compile(rf"[?&](?:{'|'.join(_SECRET_KEYS)})=(?!{_MASK}+(?:&|$))[^&]", re.IGNORECASE)
_USERINFO = re.compile(r"://[^/\s:@]*:[^@\s]+@")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(
    r"\[([0-9A-Fa-f:.]+(?:%25[0-9A-Za-z]+)?)\](?::([0-9]*))?|([^:\[\]]*)(?::([0-9]*))?", re.ASCII
)
_LAST_PORT = 65535

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", STRICTEST)
_FOREIGN = {
    "schema": "Prisma's; name the schemas under `migrations.schemas`",
    "connection_limit": "Prisma's",
    "pgbouncer": "Prisma's",
    "pool_timeout": "Prisma's",
    "ssl": "JDBC's; use `sslmode`",
    "currentSchema": "JDBC's; name the schemas under `migrations.schemas`",
    "x-migrations-table": "golang-migrate's; give it under `migrations.options`",
    "search_path": "golang-migrate's; name the schemas under `migrations.schemas`",
}
# fmt: off
_KEYWORDS = _SECRET_KEYS | frozenset(
    (
        "application_name", "channel_binding", "client_encoding", "connect_timeout", "dbname",
        "fallback_application_name", "gssdelegation", "gssencmode", "gsslib", "host", "hostaddr",
        "keepalives", "keepalives_count", "keepalives_idle", "keepalives_interval", "krbsrvname",
        "load_balance_hosts", "max_protocol_version", "min_protocol_version", "oauth_client_id",
        "oauth_issuer", "oauth_scope", "options", "passfile", "port", "require_auth", "requirepeer",
        "service", "servicefile", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert",
        "sslcertmode", "sslcompression", "sslcrl", "sslcrldir", "sslkey", "sslmode",
        "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "tcp_user_timeout",
        "user"
    )
)
# fmt: on
_EXAMPLE = "write postgresql://user:${PASSWORD}@host:5432/database, with %40 for @ and the like"


def url_reference(text: str, where: str = "") -> Reference:
    """A reference to a database URL; a password in it, or what is no URL, is refused at once.

    A variable where the password stands holds the password itself, any other one a piece of the URL.
    """
    reference = Reference.parse(text, where)
    masked = reference.masked(_MASK)
    if _holds_password(masked, reference.scheme):
        raise ConfigurationError(
            "there is a password in it",
            where=where,
            todo="put it into the environment and write ${NAME} instead",
        )
    if not reference.scheme and not masked.startswith(_MASK):
        _ = _scheme_end(masked, where) if reference.names else parameters_of(masked, where)
    return replace(reference, parts=tuple(_encoding_passwords(reference.parts, masked)))


def parameters_of(url: str, where: str = "") -> dict[str, str]:
    """The libpq parameters of a URL, host and dbname among them. Raises ConfigurationError, without echo."""
    start = _scheme_end(url, where)
    if any(character.isspace() or not character.isprintable() for character in url):
        raise _malformed("holds a blank or a control character", where)
    authority, slash, rest = _cut(url[start:])
    path, _, query = rest.partition("?")
    found = _authority(authority, where)
    if slash and path:
        found["dbname"] = _decoded(_without(path, "/@", where), where)
    for key, value in _query(query, where).items():
        if key in found:
            raise _malformed(f"gives {key} twice", where)
        found[key] = value
    _refuse_incomplete(found, where)
    return found


def secured(parameters: Mapping[str, str], tls: str, root: Path, where: str = "") -> dict[str, str]:
    """The parameters with what ``tls`` asks for: a server elsewhere is verified, a local one left as given.

    ``tls`` is ``system``, ``insecure`` or the path of a CA file, relative to ``root``. Raises Refused where
    the URL asks for less, ConfigurationError where the CA file is absent.
    """
    if tls == INSECURE or _is_local(parameters):
        return dict(parameters)
    mode = parameters.get("sslmode", STRICTEST)
    if mode != STRICTEST:
        raise Refused(
            f"nobody would verify the server: the URL asks for sslmode={mode}",
            where=where,
            why="the server is not on this machine; whoever stands between could read and change everything",
            todo="leave sslmode out, name a CA file in `tls:`, or write `tls: insecure` if you mean it",
        )
    if tls == SYSTEM:
        return {"sslrootcert": SYSTEM, **parameters, "sslmode": STRICTEST}
    return {**parameters, "sslmode": STRICTEST, "sslrootcert": _ca_file(root / tls, tls, where)}


def _holds_password(masked: str, scheme: str) -> bool:
    """Whether literal text stands where a password would; in doubt, it does."""
    if scheme:
        return _USERINFO.search(masked) is not None
    before, _, _ = masked.rpartition("@")
    userinfo = before.partition("://")[2] if "://" in before else before
    password = userinfo.partition(":")[2]
    return password.strip(_MASK) != "" or _SECRET.search(masked) is not None


def _encoding_passwords(parts: Sequence[str | Variable], masked: str) -> Iterator[str | Variable]:
    spans = [match.span(1) for match in _PASSWORD_PLACES.finditer(masked)]
    place = 0
    for part in parts:
        inside = any(start <= place < end for start, end in spans)
        yield part._replace(encoded=inside) if isinstance(part, Variable) else part
        place += 1 if isinstance(part, Variable) else len(part)


def _scheme_end(url: str, where: str) -> int:
    scheme = _SCHEME.match(url)
    if scheme is None:
        raise _malformed("does not begin with postgresql://", where)
    return scheme.end()


def _cut(rest: str) -> tuple[str, str, str]:
    """The authority, the slash after it, and what follows; without a path, the query follows at once."""
    end = next((index for index, character in enumerate(rest) if character in "/?"), len(rest))
    if rest[end : end + 1] == "/":
        return rest[:end], "/", rest[end + 1 :]
    return rest[:end], "", rest[end:]


def _authority(authority: str, where: str) -> dict[str, str]:
    userinfo, at, hosts = authority.rpartition("@")
    user, colon, password = _without(userinfo, "@", where).partition(":")
    found = {"user": _decoded(user, where)} if at and user else {}
    if colon and password:
        found["password"] = _decoded(_without(password, ":", where), where)
    if hosts:
        pairs = [_host(host, where) for host in hosts.split(",")]
        found["host"] = ",".join(host for host, _ in pairs)
        if any(port for _, port in pairs):
            found["port"] = ",".join(port for _, port in pairs)
    return found


def _host(text: str, where: str) -> tuple[str, str]:
    match = _HOST.fullmatch(text)
    if match is None:
        raise _malformed("has a host or port that cannot be read", where)
    six, six_port, name, name_port = match.groups()
    port = six_port or name_port or ""
    if port and not 0 < int(port[:6]) <= _LAST_PORT:
        raise _malformed("has a port that is no port", where)
    return _decoded(six or name or "", where), port


def _query(query: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else []:
        key, equals, value = pair.partition("=")
        if key in _FOREIGN:
            raise ConfigurationError(
                f"the database URL has `{key}` in it, which is not libpq's",
                where=where,
                todo=f"it is {_FOREIGN[key]}",
            )
        if not equals or key not in _KEYWORDS or key in found:
            raise _malformed("has a parameter after the `?` that libpq does not know, or has it twice", where)
        found[key] = _decoded(_without(value, "=", where), where)
    return found


def _refuse_incomplete(found: Mapping[str, str], where: str) -> None:
    hosts = found.get("host", "").split(",")
    absent = [
        name for name, there in (("a host", all(hosts)), ("a database", found.get("dbname"))) if not there
    ]
    if absent:
        raise ConfigurationError(
            f"the database URL does not name {' or '.join(absent)}",
            where=where,
            why="left out, it would come from PGHOST, PGDATABASE or a default, and those are not the file's",
            todo=_EXAMPLE,
        )
    if found.get("sslmode", STRICTEST) not in _SSL_MODES:
        raise _malformed(f"has an sslmode that is none of {listed(_SSL_MODES)}", where)


def _is_local(parameters: Mapping[str, str]) -> bool:
    addresses = parameters.get("hostaddr", "")
    hosts = [*parameters["host"].split(","), *(addresses.split(",") if addresses else [])]
    return all(host.startswith(("/", "@")) or _is_loopback(host) for host in hosts)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _ca_file(path: Path, tls: str, where: str) -> str:
    if not path.is_file():
        raise ConfigurationError(
            "the CA file that `tls:` names is not there",
            where=where,
            why=f"`tls: {tls}` is neither `system` nor `insecure`, so it is the path of a file",
            todo="put the file there, or correct the path",
        )
    return str(path)


def _without(text: str, forbidden: str, where: str) -> str:
    if any(character in forbidden for character in text):
        raise _malformed("has a reserved character that is not percent-encoded", where)
    return text


def _decoded(text: str, where: str) -> str:
    if _BAD_ESCAPE.search(text):
        raise _malformed("has a % that is not followed by two hexadecimal digits", where)
    try:
        decoded = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        decoded = "\0"
    if "\0" in decoded:
        raise _malformed("has percent-encoded bytes that are no text", where)
    return decoded


def _malformed(reason: str, where: str) -> ConfigurationError:
    """Says what is wrong in words of its own: the URL is never repeated, it may hold a password."""
    return ConfigurationError(f"the database URL {reason}", where=where, todo=_EXAMPLE)

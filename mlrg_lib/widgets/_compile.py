"""Compile the exported kernels to WebAssembly objects; :mod:`.wasm` runs this in a process of its own.

numba fixes its target when it is imported, hence the process: ``NUMBA_OPT=0`` keeps the host's vectorisation
out of the IR and ``NUMBA_CPU_NAME=generic`` its instructions. The IR is then retargeted to wasm32 and optimised
for that machine, SIMD included.

Usage: ``python -m mlrg_lib.widgets._compile FOLDER MODULE`` compiles what the module's ``ENTRIES`` lists, and writes
``<kernel>.o`` and ``imports.json`` into the folder.
"""

import importlib
import json
import re
import sys
from pathlib import Path

import llvmlite.binding as llvm
from numba.core.errors import NumbaError

TRIPLE = "wasm32-unknown-unknown"
# The transcendental functions that JavaScript's Math supplies, in double and (suffix f) single precision.
MATH = frozenset(
    ("acos", "asin", "atan", "atan2", "cos", "cosh", "exp", "expm1", "fmod", "log", "log10", "log1p", "log2")
    + ("pow", "sin", "sinh", "tan", "tanh")
)
_RETURNS = {"none": "void", "int32": "i32", "uint32": "i32", "float32": "float", "float64": "double"}
_REASONS = (
    ("numba_parallel", "it is parallel"),
    ("get_num_threads", "it is parallel"),
    ("PyEval_RestoreThread", "it calls the Python interpreter, or is parallel"),
    ("NRT_", "it allocates memory (arrays made inside a kernel must become arguments)"),
    ("Py", "it calls the Python interpreter"),
    ("numba_", "it calls a numba run-time helper that exists only natively"),
)

# numba's run-time helper behind ``reshape``. It compiles only for contiguous arrays, whose new strides are products.
_RESHAPE = f"""
target triple = "{TRIPLE}"
define i32 @numba_attempt_nocopy_reshape(i64 %n, ptr %d, ptr %s, i64 %new, ptr %dims, ptr %strides, i64 %item, i32) {{
start:
  br label %check
check:
  %k = phi i64 [ %new, %start ], [ %next, %body ]
  %stride = phi i64 [ %item, %start ], [ %larger, %body ]
  %more = icmp sgt i64 %k, 0
  br i1 %more, label %body, label %done
body:
  %next = add nsw i64 %k, -1
  %slot = getelementptr i64, ptr %strides, i64 %next
  store i64 %stride, ptr %slot
  %from = getelementptr i64, ptr %dims, i64 %next
  %length = load i64, ptr %from
  %larger = mul i64 %stride, %length
  br label %check
done:
  ret i32 1
}}
"""


class ExportError(Exception):
    """A kernel cannot run in a browser; the message names it and says why."""


def _reason(symbols: list[str]) -> str:
    for prefix, why in _REASONS:
        for symbol in symbols:
            if symbol.startswith(prefix):
                return f"{why}; unresolved symbol {symbol}"
    return f"the browser has no function {symbols[0]}"


def _retarget(ir: str) -> str:
    ir = re.sub(r"^target datalayout.*$", "", ir, flags=re.M)
    ir = re.sub(r"^target triple.*$", f'target triple = "{TRIPLE}"', ir, flags=re.M)
    # borrowed arrays need no reference counts; a kernel that allocates is refused for that
    counting = r"^(define [^\n]*@NRT_(?:incref|decref)\([^\n]*\{)\n.*?^\}"
    ir = re.sub(counting, r"\1\n  ret void\n}", ir, flags=re.M | re.S)
    return re.sub(r"= common (local_unnamed_addr )?global", r"= internal \1global", ir)


def _with_plain_entry(module, mangled: str, name: str, returns: str):
    """Hide everything but a function ``name(arguments) -> value`` around numba's (return slot, error slot, ...)."""
    arguments = [str(argument.type) for argument in module.get_function(mangled).arguments]
    typed = [f"{kind} %a{k}" for k, kind in enumerate(arguments[2:])]
    slot = "i64" if returns == "void" else returns
    result = "ret void" if returns == "void" else f"%v = load {returns}, ptr %r\n  ret {returns} %v"
    wrapper = llvm.parse_assembly(
        f'target triple = "{TRIPLE}"\n'
        f"declare i32 @{mangled}({', '.join(arguments)})\n"
        f"define {returns} @{name}({', '.join(typed)}) {{\n"
        f"  %r = alloca {slot}\n  %e = alloca ptr\n"
        f"  %s = call i32 @{mangled}({', '.join(['ptr %r', 'ptr %e', *typed])})\n"
        f"  %failed = icmp ne i32 %s, 0\n  br i1 %failed, label %trap, label %done\n"
        f"trap:\n  call void @llvm.trap()\n  unreachable\ndone:\n  {result}\n}}\n"
        "declare void @llvm.trap()\n"
    )
    module.link_in(wrapper)
    module.link_in(llvm.parse_assembly(_RESHAPE))
    for function in module.functions:
        if not function.is_declaration and function.name != name:
            function.linkage = "internal"


def _machine():
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE)
    return target.create_target_machine(cpu="generic", features="+simd128,+bulk-memory", opt=3, reloc="static")


def _optimise(module, machine):
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


def object_code(name: str, dispatcher, signature, machine) -> tuple[bytes, list[str]]:
    """Return the WebAssembly object of one kernel and the math functions it imports.

    Raises
    ------
    ExportError
        If the kernel does not compile, allocates, raises, runs in parallel or calls Python.
    """
    if dispatcher.targetoptions.get("parallel"):
        raise ExportError(f"kernel {name} cannot be exported: it is parallel")
    try:
        dispatcher.compile(signature)
    except NumbaError as error:
        raise ExportError(f"kernel {name} cannot be exported: numba does not compile it:\n{error}") from error
    compiled = dispatcher.overloads[signature.args]
    returned = str(compiled.signature.return_type)
    if returned not in _RETURNS:
        raise ExportError(f"kernel {name} cannot be exported: it returns {returned}, not one of {sorted(_RETURNS)}")
    module = llvm.parse_assembly(_retarget(compiled.library.get_llvm_str()))
    module.data_layout = str(machine.target_data)
    _with_plain_entry(module, compiled.fndesc.llvm_func_name, name, _RETURNS[returned])
    module.verify()
    _optimise(module, machine)
    code = machine.emit_object(module)
    used = function_imports(code)
    wrong = sorted(s for s in used if s not in MATH and s.removesuffix("f") not in MATH)
    if wrong:
        raise ExportError(f"kernel {name} cannot be exported: {_reason(wrong)}")
    if "call void @llvm.trap()" in str(module):  # it survives only where a failure status can be returned
        raise ExportError(f"kernel {name} cannot be exported: it can raise an exception")
    return code, used


def function_imports(code: bytes) -> list[str]:
    """Names of the functions that a WebAssembly module or object imports, sorted."""
    position = 8

    def number():
        nonlocal position
        value = shift = 0
        while True:
            byte = code[position]
            position += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def text():
        nonlocal position
        length = number()
        position += length
        return code[position - length : position].decode()

    names = []
    while position < len(code):
        section = code[position]
        position += 1
        size = number()
        end = position + size
        if section == 2:
            for _ in range(number()):
                _, field, kind = text(), text(), number()
                if kind == 0:  # a function: its type follows; a memory or table has limits, a global two bytes
                    names.append(field)
                    number()
                elif kind == 3:
                    position += 2
                else:
                    if kind == 1:
                        position += 1
                    flags = number()
                    number()
                    if flags & 1:
                        number()
        position = end
    return sorted(names)


def main(folder: Path, source: str) -> int:
    entries = importlib.import_module(source).ENTRIES
    machine = _machine()
    imports, failures = {}, []
    for name, (dispatcher, signature) in entries.items():
        try:
            code, imports[name] = object_code(name, dispatcher, signature, machine)
            (folder / f"{name}.o").write_bytes(code)
        except ExportError as error:
            failures.append(str(error))
    if failures:
        print(*failures, sep="\n", file=sys.stderr)
        return 1
    (folder / "imports.json").write_text(json.dumps(imports))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))

"""Small changes to an ONNX file's graph, done on its bytes: another output, and noise that comes in from outside.

ONNX is a protocol buffer (onnx.proto3: ModelProto.graph = 7; GraphProto.node = 1, initializer = 5, input = 11,
output = 12; NodeProto.input = 1, output = 2, name = 3, op_type = 4). Only those fields are touched, and the rest is
copied, so that no ONNX library is needed.
"""

from __future__ import annotations

from collections.abc import Iterator

GRAPH, NODE, INITIALIZER, INPUT, OUTPUT = 7, 1, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_TYPE = 1, 2, 3, 4
FLOAT, INT64 = 1, 7


def with_output(model: bytes, tensor: str) -> bytes:
    """`model` that also gives the inner tensor called `tensor`, as its last output."""
    # a message that comes twice is merged, its repeated fields joined: appending is enough
    return model + _field(GRAPH, _field(OUTPUT, _field(1, tensor.encode())))


def with_noise_inputs(model: bytes) -> tuple[bytes, tuple[str, ...]]:
    """`model` with each RandomNormalLike node replaced by the head of an input, cut to the shape it takes after.

    Also the names of these inputs: float32 of the replaced tensor's rank, each side at least as long as needed.
    """
    names: list[str] = []
    parts = []
    for number, value, raw in _fields(model):
        parts.append(_field(GRAPH, _graph_with_noise_inputs(value, names)) if number == GRAPH else raw)
    return b"".join(parts), tuple(names)


def _graph_with_noise_inputs(graph: bytes, names: list[str]) -> bytes:
    parts = []
    for number, value, raw in _fields(graph):
        node = _texts(value) if number == NODE else {}
        if node.get(NODE_TYPE) != ["RandomNormalLike"]:
            parts.append(raw)
            continue
        like, drawn = node[NODE_INPUT][0], node[NODE_OUTPUT][0]
        name = f"noise_{len(names)}"
        parts.append(_field(NODE, _node("Shape", (like,), f"{name}_shape")))
        parts.append(_field(NODE, _node("Slice", (name, "noise_start", f"{name}_shape"), drawn)))
        names.append(name)
    # both noises of a VITS network have three axes: one sentence, channels, time
    start = _number(1, 3) + _number(2, INT64) + _field(8, b"noise_start") + _field(9, bytes(24))
    return b"".join([*parts, _field(INITIALIZER, start), *(_field(INPUT, _input(name)) for name in names)])


def _node(kind: str, inputs: tuple[str, ...], output: str) -> bytes:
    taken = b"".join(_field(NODE_INPUT, each.encode()) for each in inputs)
    return taken + _field(NODE_OUTPUT, output.encode()) + _field(NODE_NAME, output.encode()) + _kind(kind)


def _kind(name: str) -> bytes:
    return _field(NODE_TYPE, name.encode())


def _input(name: str) -> bytes:
    """ValueInfoProto of a float tensor with three axes of any length."""
    axes = b"".join(_field(1, _field(2, f"{name}_{axis}".encode())) for axis in range(3))
    tensor = _number(1, FLOAT) + _field(2, axes)
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _texts(message: bytes) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for number, value, _ in _fields(message):
        if number in (NODE_INPUT, NODE_OUTPUT, NODE_NAME, NODE_TYPE):
            found.setdefault(number, []).append(value.decode())
    return found


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(number, value, whole field) of each field; the value is b"" where it has no length of its own."""
    at = 0
    while at < len(message):
        start = at
        key, at = _read(message, at)
        number, wire = key >> 3, key & 7
        value = b""
        if wire == 0:
            _, at = _read(message, at)
        elif wire == 2:
            length, at = _read(message, at)
            value = message[at : at + length]
            at += length
        elif wire in (1, 5):
            at += 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire} at byte {start} is none of protocol buffers'")
        yield number, value, message[start:at]


def _read(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at += 1
        shift += 7
        if byte < 0x80:
            return value, at


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)

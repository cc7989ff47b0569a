"""How many features a vector tile holds, and the bytes of their parts: a reader of its outermost fields."""


def fields(data):
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            yield key >> 3, varint()
            continue
        length = varint() if kind == 2 else {1: 8, 5: 4}[kind]
        yield key >> 3, data[at : at + length]
        at += length


def features(data):
    """Layer by layer: a tile's field 3; a layer's name is 1, a feature 2."""
    layers = [list(fields(layer)) for number, layer in fields(data) if number == 3]
    return sum(1 for layer in layers for number, _ in layer if number == 2)

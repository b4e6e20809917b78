# SPDX-License-Identifier: GPL-2.0
#
# Writes items of rustdoc's JSON as Rust. Types are named by their last segment alone, so that a
# type which moved to another module is the same.

import re

FORMAT = 37


def last(path):
    return path.rsplit("::", 1)[-1]


def joined(parts, before, after, separator=", "):
    parts = [part for part in parts if part]
    return before + separator.join(parts) + after if parts else ""


def arguments(args):
    if not args:
        return ""
    if "parenthesized" in args:
        call = args["parenthesized"]
        return "(" + ", ".join(map(type_of, call["inputs"])) + ")" + returned(call["output"])
    args = args["angle_bracketed"]
    parts = []
    for arg in args["args"]:
        if arg == "infer":
            parts.append("_")
        elif "lifetime" in arg:
            parts.append(arg["lifetime"])
        elif "type" in arg:
            parts.append(type_of(arg["type"]))
        else:
            parts.append(arg["const"]["expr"])
    for constraint in args["constraints"]:
        binding = constraint["binding"]
        name = constraint["name"] + arguments(constraint["args"])
        if "equality" in binding:
            term = binding["equality"]
            parts.append(name + " = " + (type_of(term["type"]) if "type" in term else term["constant"]["expr"]))
        else:
            parts.append(name + ": " + bounds_of(binding["constraint"]))
    return joined(parts, "<", ">")


def path_of(path):
    return last(path["name"]) + arguments(path["args"])


def bound_of(bound):
    if "outlives" in bound:
        return bound["outlives"]
    if "use" in bound:
        return "use<" + ", ".join(bound["use"]) + ">"
    bound = bound["trait_bound"]
    return (joined([param["name"] for param in bound["generic_params"]], "for<", "> ")
            + ("?" if bound["modifier"] == "maybe" else "") + path_of(bound["trait"]))


def bounds_of(bounds):
    return " + ".join(map(bound_of, bounds))


def returned(output):
    return " -> " + type_of(output) if output else ""


def type_of(node):
    if node == "infer":
        return "_"
    kind, inner = next(iter(node.items()))
    if kind == "resolved_path":
        return path_of(inner)
    if kind in ("generic", "primitive"):
        return inner
    if kind == "borrowed_ref":
        lifetime = inner["lifetime"] + " " if inner["lifetime"] else ""
        return "&" + lifetime + ("mut " if inner["is_mutable"] else "") + type_of(inner["type"])
    if kind == "raw_pointer":
        return ("*mut " if inner["is_mutable"] else "*const ") + type_of(inner["type"])
    if kind == "tuple":
        return "(" + ", ".join(map(type_of, inner)) + ")"
    if kind == "slice":
        return "[" + type_of(inner) + "]"
    if kind == "array":
        return "[" + type_of(inner["type"]) + "; " + inner["len"] + "]"
    if kind == "impl_trait":
        return "impl " + bounds_of(inner)
    if kind == "dyn_trait":
        return "dyn " + joined([path_of(each["trait"]) for each in inner["traits"]] + [inner["lifetime"]], "", "", " + ")
    if kind == "qualified_path":
        trait = inner["trait"]
        before = type_of(inner["self_type"])
        if trait and trait["name"]:
            before = "<" + before + " as " + path_of(trait) + ">"
        return before + "::" + inner["name"] + arguments(inner["args"])
    if kind == "function_pointer":
        return header_of(inner["header"]) + "fn" + inputs_of(inner["sig"]) + returned(inner["sig"]["output"])
    return kind


def parameter_of(param):
    kind, inner = next(iter(param["kind"].items()))
    if kind == "lifetime":
        return param["name"] + joined(inner["outlives"], ": ", "", " + ")
    if kind == "const":
        return "const " + param["name"] + ": " + type_of(inner["type"])
    if inner["is_synthetic"]:
        return ""
    default = " = " + type_of(inner["default"]) if inner["default"] else ""
    return param["name"] + joined([bounds_of(inner["bounds"])], ": ", "") + default


def generics_of(generics):
    return joined(map(parameter_of, generics["params"]), "<", ">")


def conditions_of(generics):
    parts = []
    for predicate in generics["where_predicates"]:
        kind, inner = next(iter(predicate.items()))
        if kind == "bound_predicate":
            parts.append(type_of(inner["type"]) + ": " + bounds_of(inner["bounds"]))
        elif kind == "lifetime_predicate":
            parts.append(inner["lifetime"] + ": " + " + ".join(inner["outlives"]))
    return joined(parts, " where ", "")


def header_of(header):
    abi = header["abi"]
    if abi != "Rust":
        abi = abi if isinstance(abi, str) else next(iter(abi))
    return (("const " if header["is_const"] else "") + ("async " if header["is_async"] else "")
            + ("unsafe " if header["is_unsafe"] else "") + ("" if abi == "Rust" else f'extern "{abi}" '))


def inputs_of(sig):
    parts = []
    for name, each in sig["inputs"]:
        text = type_of(each)
        if name == "self" and text in ("Self", "&Self", "&mut Self"):
            parts.append(text.replace("Self", "self"))
        else:
            parts.append(name + ": " + text)
    return "(" + ", ".join(parts + (["..."] if sig["is_c_variadic"] else [])) + ")"


def signature(item):
    """Returns an item's declaration, without its body and members."""
    kind, inner = next(iter(item["inner"].items()))
    name = item["name"]
    if kind == "function":
        return (header_of(inner["header"]) + "fn " + name + generics_of(inner["generics"]) + inputs_of(inner["sig"])
                + returned(inner["sig"]["output"]) + conditions_of(inner["generics"]))
    if kind in ("struct", "enum", "union"):
        return kind + " " + name + generics_of(inner["generics"]) + conditions_of(inner["generics"])
    if kind == "trait":
        return (("unsafe " if inner["is_unsafe"] else "") + "trait " + name + generics_of(inner["generics"])
                + joined([bounds_of(inner["bounds"])], ": ", "") + conditions_of(inner["generics"]))
    if kind in ("constant", "assoc_const", "struct_field", "static"):
        return {"struct_field": "", "static": "static "}.get(kind, "const ") + name + ": " + type_of(inner.get("type", inner))
    if kind == "type_alias":
        return "type " + name + generics_of(inner["generics"]) + " = " + type_of(inner["type"])
    if kind == "assoc_type":
        return "type " + name + generics_of(inner["generics"]) + joined([bounds_of(inner["bounds"])], ": ", "")
    if kind == "macro":
        # A macro calls the arms that begin with @ itself.
        return re.sub(r"^    \(\s*@.*?=> \{ \.\.\. \};\n", "", inner, flags=re.M | re.S)
    return kind.replace("_", " ") + " " + name

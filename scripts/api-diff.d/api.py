# SPDX-License-Identifier: GPL-2.0
#
# The public items of a kernel's crates, by all their paths: from rustdoc's JSON, and the bindings
# from what bindgen wrote.

import json
import re
import sys

import signature


class Item:
    """An item: what it is, its declaration, and the declarations of its members by name. A
    declaration is a text by its key."""

    def __init__(self, kind, text):
        self.kind = kind
        self.declared = {key(text): text}
        self.members = {}
        self.required = set()
        self.alias = None

    def add_member(self, name, text, outer=()):
        self.members.setdefault(name, {})[key(text, outer)] = text


def key(text, outer=()):
    """Returns the declaration such that names which no caller sees make no difference: those of
    parameters, lifetimes and generic parameters, the OUTER ones among them."""
    if text.startswith("macro_rules!"):
        return " ".join(text.split())
    names = list(outer) + re.findall(r"'(?!static)\w+", text)
    # Those that the declaration has between its first angle brackets.
    generics = re.match(r"[^(]*?\w<(.*)", text, re.S)
    if generics:
        depth, part = 1, ""
        for letter in generics[1].replace("->", "  "):
            depth += {"<": 1, ">": -1}.get(letter, 0)
            if not depth:
                break
            part += letter if depth == 1 else " "
        names += re.findall(r"(?:^|, )(?:const )?([A-Z]\w*)", part)
    for number, name in enumerate(dict.fromkeys(names)):
        text = re.sub(r"(?<![\w'])" + name + r"\b", f"${number}", text)
    return re.sub(r"(?<=[(,])(\s*)(mut )?\w+(?=: )", r"\1_", text)


class Api:
    def __init__(self, folder):
        self.items = {}
        # The crates that others re-export come first.
        for crate in ("macros", "pin_init", "kernel"):
            with open(f"{folder}/{crate}.json") as file:
                self.add(json.load(file))
        for name in ("bindings_generated", "bindings_helpers_generated"):
            with open(f"{folder}/{name}.rs") as file:
                self.add_bindings(file.read())
        # Types by the last segment of their path, where that means one type.
        self.types = {}
        for path, item in self.items.items():
            name = path.rsplit("::", 1)[-1]
            if item.kind in ("struct", "enum", "union", "trait"):
                other = self.types.setdefault(name, path)
                if other and self.items[other] is not item:
                    self.types[name] = None

    def add(self, data):
        if data["format_version"] != signature.FORMAT:
            sys.exit(f"api-diff: error: rustdoc's JSON has format {data['format_version']}: "
                     f"scripts/api-diff.d/signature.py reads format {signature.FORMAT}")
        self.index = {int(number): item for number, item in data["index"].items()}
        self.paths = {int(number): path for number, path in data["paths"].items()}
        self.made = {}
        root = self.index[data["root"]]
        self.walk(root, root["name"], ())
        # The members of an alias are those of its type.
        for item in self.made.values():
            if item.alias in self.made:
                item.members = self.made[item.alias].members

    def walk(self, module, prefix, above):
        if module["id"] in above:
            return
        above += (module["id"],)
        for number in module["inner"]["module"]["items"]:
            item = self.index.get(number)
            if not item:
                continue
            if "use" not in item["inner"]:
                self.put(item, f"{prefix}::{item['name']}", above)
                continue
            use = item["inner"]["use"]
            target = self.index.get(use["id"])
            if target and not use["is_glob"]:
                self.put(target, f"{prefix}::{use['name']}", above)
            elif target and "module" in target["inner"]:
                self.walk(target, prefix, above)
            elif use["id"] in self.paths and not use["is_glob"]:
                # An item of a crate that was added before.
                other = self.items.get("::".join(self.paths[use["id"]]["path"]))
                if other:
                    self.items[f"{prefix}::{use['name']}"] = other

    def put(self, item, path, above):
        kind, inner = next(iter(item["inner"].items()))
        if kind == "module":
            self.items[path] = Item(kind, f"mod {item['name']}")
            self.walk(item, path, above)
        elif item["id"] in self.made:
            self.items[path] = self.made[item["id"]]
        else:
            made = self.items[path] = self.made[item["id"]] = Item(kind, signature.signature(item))
            self.add_members(made, kind, inner)

    def add_members(self, made, kind, inner):
        members, outer = [], ()
        if kind == "trait":
            members = inner["items"]
        elif kind == "type_alias":
            made.alias = inner["type"].get("resolved_path", {}).get("id")
        elif kind in ("struct", "enum", "union"):
            members = list(inner.get("fields") or inner.get("variants") or [])
            shape = inner.get("kind")
            if isinstance(shape, dict):
                members += shape["plain"]["fields"] if "plain" in shape else shape["tuple"]
            outer = [param["name"] for param in inner.get("generics", {"params": []})["params"]]
            for number in inner["impls"]:
                block = self.index.get(number, {"inner": {"impl": {"trait": True}}})["inner"]["impl"]
                if not block["trait"]:
                    names = [param["name"] for param in block["generics"]["params"]]
                    for member in filter(None, map(self.index.get, block["items"])):
                        made.add_member(member["name"], signature.signature(member), names)
        for member in filter(None, map(self.index.get, members)):
            made.add_member(member["name"], signature.signature(member), outer)
            what, rest = next(iter(member["inner"].items()))
            if kind == "trait" and not rest.get({"function": "has_body", "assoc_const": "value"}.get(what, "type")):
                made.required.add(member["name"])

    def add_bindings(self, text):
        declaration = re.compile(
            r"^( *)pub (?:unsafe )?(const|type|fn|static mut|static|struct|union) (\w+)([^;{]*)([;{])", re.M)
        for found in declaration.finditer(text):
            indent, kind, name, rest, end = found.groups()
            # Those of a type's own methods and constants.
            if end == "{" if kind == "fn" else indent and kind == "const":
                continue
            rest = re.sub(r",?\s*\)", ")", " ".join(rest.split()).replace("( ", "("))
            # The value of a constant is not its type.
            if kind == "const":
                rest = rest.split(" = ")[0]
            unsafe = "unsafe " if kind == "fn" else ""
            made = Item(kind, f"{unsafe}{kind} {name}{rest if rest[:1] in '(:<' else ' ' + rest}".rstrip())
            if end == "{":
                body = text[found.end():text.index("\n}", found.start())]
                for member, declared in re.findall(r"^    pub (\w+): ([^\n]*),$", body, re.M):
                    made.add_member(member, f"{member}: {declared}")
            self.items.setdefault(f"kernel::bindings::{name}", made)

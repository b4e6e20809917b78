# SPDX-License-Identifier: GPL-2.0
#
# Lists what changed between two folders of rustdoc's JSON, for the items that Rust sources use.
# Called by scripts/api-diff: compare.py OLD NEW FILE.rs...

import re
import sys

from api import Api

# Tokens of Rust: a comment, a string or a character, which is left out, or a name or sign.
TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|b?r(#*)".*?"\1|b?c?"(?:\\.|[^"\\])*"|b?\'(?:\\.[^\']*|[^\\\'])\''
    r"|(?P<word>r#)?(?P<name>[A-Za-z_]\w*)|(?P<sign>::|\S)", re.S)
CRATES = ("kernel", "pin_init", "macros")


class Source:
    """The names that a source file uses."""

    def __init__(self, name):
        self.name = name
        with open(name) as file:
            text = file.read()
        self.tokens = []
        for found in TOKEN.finditer(text):
            if found["name"] or found["sign"]:
                self.tokens.append((found["name"] or found["sign"], text.count("\n", 0, found.start()) + 1))
        # Local names of paths, modules whose names are all imported, paths, and all names after
        # a dot, a double colon or a keyword: methods, constants and what an impl defines.
        self.aliases, self.globs, self.paths, self.members, self.words = {}, [], [], {}, {}
        # The names between `impl` and `for`.
        self.implemented = set()
        self.scan()

    def token(self, at):
        return self.tokens[at][0] if at < len(self.tokens) else ""

    def scan(self):
        at = 0
        while at < len(self.tokens):
            word, line = self.tokens[at]
            if word == "use" and self.token(at + 1) != "<":
                at = self.tree(at + 1, [])
                continue
            if not word[0].isidentifier():
                at += 1
                continue
            if word == "impl":
                header = [token for token, _ in self.tokens[at:at + 60]]
                header = header[:header.index("{")] if "{" in header else header
                if "for" in header:
                    self.implemented.update(header[:header.index("for")])
            before = self.token(at - 1) if at else ""
            if before in (".", "::", "fn", "const", "type"):
                self.members.setdefault(word, line)
            path = [word]
            while self.token(at + 1) == "::" and self.token(at + 2)[:1].isidentifier():
                at += 2
                path.append(self.token(at))
                self.members.setdefault(path[-1], self.tokens[at][1])
            if before not in (".", "::"):
                self.words.setdefault(word, line)
                self.paths.append((path, line))
            at += 1

    def tree(self, at, prefix):
        """Reads a tree of `use` after PREFIX, and returns the place after it."""
        path = list(prefix)
        while True:
            word, line = self.tokens[at] if at < len(self.tokens) else (";", 0)
            if word == "::":
                at += 1
            elif word == "{":
                at += 1
                while self.token(at) not in ("}", ";", ""):
                    at = self.tree(at, path)
                    at += self.token(at) == ","
                return at + 1
            elif word == "*":
                self.globs.append(path)
                return at + 1
            elif word == "as":
                self.aliases[self.token(at + 1)] = path
                self.paths.append((path, line))
                return at + 2
            elif word in (",", "}", ";"):
                path = path[:-1] if path[-1:] == ["self"] else path
                if not path:
                    return at
                self.aliases.setdefault(path[-1], path)
                self.paths.append((path, self.tokens[at - 1][1]))
                return at
            else:
                path.append(word)
                at += 1

    def full(self, path):
        """Returns the PATH from its crate on, or nothing if it is not the kernel's."""
        for _ in range(5):
            alias = self.aliases.get(path[0], path[:1])
            if alias == path[:1]:
                return path if path[0] in CRATES else None
            path = alias + path[1:]
        return None


def used_in(source, apis):
    """Returns the items that a source uses: a path and a member, or '' for the item itself."""
    used = {}

    def use(path, member, line):
        used.setdefault((path, member), f"{source.name}:{line}")

    for path, line in source.paths:
        path = source.full(path)
        if not path:
            continue
        # The longest part that is an item of either kernel: what follows is a member.
        for end in range(len(path), 0, -1):
            name = "::".join(path[:end])
            if any(name in api.items for api in apis):
                use(name, "", line)
                break
    for module in source.globs:
        module = source.full(module)
        for api in apis if module else ():
            for word, line in source.words.items():
                name = "::".join(module + [word])
                if name in api.items:
                    use(name, "", line)
    # Members of the used types, and of the types that used items mention.
    reached = {path: int(place.rsplit(":")[-1]) for (path, _), place in used.items()}
    todo = list(reached)
    while todo:
        path = todo.pop()
        for api in apis:
            item = api.items.get(path)
            if not item:
                continue
            texts = list(item.declared.values())
            for member, declarations in item.members.items():
                needed = (member in item.required and not member.startswith("__")
                          and path.rsplit("::", 1)[-1] in source.implemented)
                if member in source.members or needed:
                    use(path, member, source.members.get(member, reached[path]))
                    texts += declarations.values()
            for word in set(re.findall(r"\b[A-Z]\w+", " ".join(texts))):
                other = api.types.get(word)
                if other and other not in reached:
                    reached[other] = reached[path]
                    todo.append(other)
    return used


def declarations(api, path, member):
    item = api.items.get(path)
    if not item:
        return {}
    return item.members.get(member, {}) if member else item.declared


def main():
    old, new = Api(sys.argv[1]), Api(sys.argv[2])
    used, seen = {}, set()
    for name in sys.argv[3:]:
        for (path, member), place in used_in(Source(name), (old, new)).items():
            # Some items have several paths.
            same = (id(old.items.get(path)), id(new.items.get(path)), member)
            if same not in seen:
                seen.add(same)
                used[path, member] = place
    changes = 0
    for (path, member), place in sorted(used.items()):
        # An item with its members is one change.
        if member and not (path in old.items and path in new.items):
            continue
        before, after = declarations(old, path, member), declarations(new, path, member)
        if before.keys() == after.keys():
            continue
        changes += 1
        what = "changed" if before and after else "removed" if before else "added"
        print(f"{what:<8} {path}{'::' + member if member else ''}  ({place})")
        for sign, here, there in (("-", before, after), ("+", after, before)):
            for text in sorted(here[each] for each in here.keys() - there.keys()):
                print("\n".join(f"         {sign} {line}" for line in text.split("\n")))
        if what == "removed" and not member:
            moved = [other for other, item in new.items.items() if other not in old.items
                     and item.declared.keys() == before.keys()]
            if moved:
                print(f"           it is now {min(moved, key=len)}")
    print(f"{changes} of {len(used)} items that these sources use differ")


main()

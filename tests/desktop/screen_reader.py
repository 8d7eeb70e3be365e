"""What a person with a screen reader does: finds things by role and name, and presses them.

    screen_reader.py press NAME...     presses buttons and boxes, one after the other
    screen_reader.py where NAME        prints where the middle of a button is: on the screen, and in the frame
    screen_reader.py read              prints all of the window: role, name, description
    screen_reader.py dialog PROGRAM    prints the words of the dialogue that another program shows
"""

import sys
import time

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

DEADLINE = time.monotonic() + 20


def everything(node, depth=0):
    yield depth, node
    for place in range(node.get_child_count()):
        child = node.get_child_at_index(place)
        if child is not None:
            yield from everything(child, depth + 1)


def windows(name="lichna-prompt"):
    desktop = Atspi.get_desktop(0)
    for place in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(place)
        if program is not None and program.get_name() == name:
            yield program


def find(wanted):
    """The one of that name that can be pressed; waits until it is there."""
    while time.monotonic() < DEADLINE:
        try:
            for window in windows():
                for _, node in everything(window):
                    pressed = node.get_role_name() in ("push button", "button", "check box")
                    if pressed and node.get_name() == wanted:
                        return node
        except gi.repository.GLib.GError:
            pass  # the window changed while it was read
        time.sleep(0.02)
    sys.exit(f"nothing that is named {wanted!r} can be pressed")


def press(name):
    node = find(name)
    if node.get_n_actions() < 1 or not node.do_action(0):
        sys.exit(f"{name!r} cannot be pressed")


def read():
    while time.monotonic() < DEADLINE:
        lines = []
        try:
            for window in windows():
                for depth, node in everything(window):
                    name, description = node.get_name() or "", node.get_description() or ""
                    parts = [node.get_role_name(), name, description]
                    lines.append("  " * depth + "|".join(parts))
        except gi.repository.GLib.GError:
            lines = []  # as in find()
        if len(lines) > 5:
            print("\n".join(lines))
            return
        time.sleep(0.02)
    sys.exit("there is no window")


def dialog(name):
    while time.monotonic() < DEADLINE:
        try:
            for program in windows(name):
                for place in range(program.get_child_count()):
                    child = program.get_child_at_index(place)
                    if child is None or child.get_role_name() not in ("alert", "dialog"):
                        continue
                    for _, node in everything(child):
                        if node.get_role_name() == "label":
                            print(node.get_name())
                    return
        except gi.repository.GLib.GError:
            pass  # the window changed while it was read
        time.sleep(0.02)
    sys.exit(f"{name!r} shows no dialogue")


if sys.argv[1] == "press":
    for name in sys.argv[2:]:
        press(name)
elif sys.argv[1] == "where":
    node = find(sys.argv[2])
    for origin in (Atspi.CoordType.SCREEN, Atspi.CoordType.WINDOW):
        place = node.get_extents(origin)
        print(place.x + place.width // 2, place.y + place.height // 2)
elif sys.argv[1] == "dialog":
    dialog(sys.argv[2])
else:
    read()

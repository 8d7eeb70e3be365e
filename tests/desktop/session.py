"""A desktop session's notifications and tray, as far as programs need them.

    session.py run                 is both on the session's bus, and prints each notification: a line of JSON
    session.py press TITLE         presses the notification of that title
    session.py tray                prints what the menu of the only icon in the tray offers, a line each
    session.py choose LABEL        chooses that of it
"""

import json
import sys

from gi.repository import Gio, GLib

BUS = Gio.bus_get_sync(Gio.BusType.SESSION)

NOTIFICATIONS = """<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="Press"><arg type="s" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
</interface></node>"""

WATCHER = """<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
  <method name="Item"><arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
  <signal name="StatusNotifierItemRegistered"><arg type="s"/></signal>
  <signal name="StatusNotifierHostRegistered"/>
</interface></node>"""

shown = []
item = ["", ""]


def notified(_bus, _sender, path, interface, method, arguments, call):
    given = arguments.unpack()
    if method == "GetCapabilities":
        call.return_value(GLib.Variant("(as)", (["body", "actions"],)))
    elif method == "GetServerInformation":
        call.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))
    elif method == "Notify":
        shown.append(given[3])
        print(json.dumps({"title": given[3], "text": given[4]}), flush=True)
        call.return_value(GLib.Variant("(u)", (len(shown),)))
    elif method == "Press":
        number = shown.index(given[0]) + 1
        pressed = GLib.Variant("(us)", (number, "default"))
        BUS.emit_signal(None, path, interface, "ActionInvoked", pressed)
        BUS.emit_signal(None, path, interface, "NotificationClosed", GLib.Variant("(uu)", (number, 2)))
        call.return_value(None)
    else:
        call.return_value(None)


def watched(_bus, sender, _path, _interface, method, arguments, call):
    if method == "RegisterStatusNotifierItem":
        (given,) = arguments.unpack()
        item[:] = [sender, given] if given.startswith("/") else [given, "/StatusNotifierItem"]
    call.return_value(GLib.Variant("(ss)", tuple(item)) if method == "Item" else None)


def watcher_has(_bus, _sender, _path, _interface, name):
    if name == "RegisteredStatusNotifierItems":
        return GLib.Variant("as", ["".join(item)] if item[0] else [])
    return GLib.Variant("b", True) if name == "IsStatusNotifierHostRegistered" else GLib.Variant("i", 0)


def run():
    for xml, path, name, methods, properties in (
        (NOTIFICATIONS, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", notified, None),
        (WATCHER, "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", watched, watcher_has),
    ):
        interface = Gio.DBusNodeInfo.new_for_xml(xml).interfaces[0]
        BUS.register_object(path, interface, methods, properties, None)
        Gio.bus_own_name_on_connection(BUS, name, Gio.BusNameOwnerFlags.NONE, None, None)
    print(json.dumps({"title": "ready"}), flush=True)
    GLib.MainLoop().run()


def ask(name, path, interface, method, arguments=None):
    said = BUS.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None)
    return said.unpack()


def menu():
    """The icon's menu: who has it, where, and its entries by label."""
    name, path = ask("org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "Item")
    properties = GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", "Menu"))
    (place,) = ask(name, path, "org.freedesktop.DBus.Properties", "Get", properties)
    layout = GLib.Variant("(iias)", (0, -1, []))
    _, (_, _, entries) = ask(name, place, "com.canonical.dbusmenu", "GetLayout", layout)
    labels = {entry[1].get("label", ""): entry[0] for entry in entries if entry[1].get("type") != "separator"}
    return name, place, labels


def choose(label):
    name, place, labels = menu()
    event = GLib.Variant("(isvu)", (labels[label], "clicked", GLib.Variant("s", ""), 0))
    ask(name, place, "com.canonical.dbusmenu", "Event", event)


if sys.argv[1] == "run":
    run()
elif sys.argv[1] == "press":
    press = GLib.Variant("(s)", (sys.argv[2],))
    ask("org.freedesktop.Notifications", "/org/freedesktop/Notifications", "org.freedesktop.Notifications", "Press", press)
elif sys.argv[1] == "tray":
    print("\n".join(menu()[2]))
else:
    choose(sys.argv[2])

"""A small driver of headless Chromium over the DevTools protocol: standard library and websocket-client only."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time


def native_directory():
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.environ.get("RAPPORT_NATIVE") or os.path.join(data, "rapport", "native")


sys.path.insert(0, os.path.join(native_directory(), "websocket"))
try:
    import websocket  # noqa: E402
except ImportError:
    sys.exit("websocket-client is missing: run script/setup --test")


class Failure(Exception):
    """Something that the test must report, not a bug of the driver."""


class Chrome:
    """One browser process; close it with `close`."""

    def __init__(self, binary=None):
        binary = binary or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if not binary:
            sys.exit("no Chromium found: apt-get install -y chromium")
        self.profile = tempfile.mkdtemp(prefix="rapport-browser-")
        self.process = subprocess.Popen(
            [binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--hide-scrollbars", "--mute-audio",
             "--remote-debugging-port=0", "--remote-allow-origins=*", "--user-data-dir=" + self.profile, "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = websocket.create_connection(self._address(), timeout=60, suppress_origin=True)
        self.number = 0
        self.listeners = {}

    def _address(self):
        path = os.path.join(self.profile, "DevToolsActivePort")
        for _ in range(300):
            if self.process.poll() is not None:
                sys.exit("Chromium did not start")
            if os.path.exists(path):
                lines = open(path).read().split("\n")
                if len(lines) > 1:
                    return "ws://127.0.0.1:%s%s" % (lines[0], lines[1])
            time.sleep(0.1)
        sys.exit("Chromium did not open its port")

    def send(self, method, params=None, session=None):
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            answer = self.receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failure("%s: %s" % (method, answer["error"].get("message")))
                return answer.get("result", {})

    def receive(self):
        message = json.loads(self.socket.recv())
        listener = self.listeners.get(message.get("sessionId"))
        if "method" in message and listener:
            listener(message["method"], message.get("params", {}))
        return message

    def page(self):
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        return Page(self, session)

    def close(self):
        try:
            self.send("Browser.close")
        except Exception:
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        shutil.rmtree(self.profile, ignore_errors=True)


class Page:
    """One tab in a cookie jar of its own."""

    def __init__(self, chrome, session):
        self.chrome, self.session = chrome, session
        self.errors, self.loaded, self.status = [], False, None
        chrome.listeners[session] = self._heard
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.send(domain + ".enable")

    def send(self, method, **params):
        return self.chrome.send(method, params, self.session)

    def _heard(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "assert"):
            self.errors.append("console: " + " ".join(str(a.get("value")) for a in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.errors.append(params["entry"]["text"])
        elif method == "Network.responseReceived" and params.get("type") == "Document":
            self.status = params["response"]["status"]

    def wait(self, condition, what, seconds=15):
        end = time.time() + seconds
        while time.time() < end:
            if condition():
                return
            self.evaluate("0")  # lets events arrive
            time.sleep(0.03)
        raise Failure("waited in vain for " + what)

    def open(self, url):
        self.errors, self.loaded = [], False
        self.send("Page.navigate", url=url)
        self.wait(lambda: self.loaded, "the page " + url)
        return self.status

    def click_through(self, action, what):
        """Does what leads to another page, and waits for it."""
        self.loaded = False
        action()
        self.wait(lambda: self.loaded, what)

    def evaluate(self, expression, wait=False):
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=wait)
        if "exceptionDetails" in result:
            raise Failure(result["exceptionDetails"].get("exception", {}).get("description", "script failed"))
        return result["result"].get("value")

    def click(self, selector):
        """A click with the mouse, so that it works with scripts switched off, too."""
        box = self.evaluate(
            "(() => { const e = document.querySelector(%s); if (!e) return null; e.scrollIntoView({block:'center'});"
            "const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
            % json.dumps(selector))
        if not box:
            raise Failure("nothing matches " + selector)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def type(self, text):
        self.send("Input.insertText", text=text)

    def press(self, key, code=None):
        codes = {"Escape": 27, "Enter": 13, "Tab": 9}
        # A button is pressed by the character, not by the key.
        extra = {"text": "\r"} if key == "Enter" else {} if key in codes else {"text": key}
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                      windowsVirtualKeyCode=codes.get(key, ord(key[0].upper())), **(extra if kind == "keyDown" else {}))

    def look(self, width, dark, height=900):
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=False)
        self.send("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def scripts(self, on):
        self.send("Emulation.setScriptExecutionDisabled", value=not on)

    def screenshot(self, path):
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        data = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = base64.b64decode(self.send("Page.printToPDF", printBackground=False)["data"])
        with open(path, "wb") as file:
            file.write(data)
        return data

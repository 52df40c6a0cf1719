"""The live page of a mirror in a real browser, as an operator uses it, by the W3C WebDriver protocol.

operator_page.py LINK sees SELECTOR TEXT: goes there and waits until the element has the text.
operator_page.py LINK scrub: asks for a comparison of all legs by the page's button, and waits until the page says how it ended.
"""

import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 60
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # as the protocol calls its key


class Browser:
    def __init__(self):
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        port = None
        while port is None:
            line = self.driver.stdout.readline()
            if not line:
                raise RuntimeError("chromedriver ended")
            port = re.search(r"started successfully on port (\d+)", line)
        self.session = f"http://127.0.0.1:{port.group(1)}/session"
        options = {"args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]}
        made = self.ask("", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}})
        self.session += "/" + made["sessionId"]

    def ask(self, what, body):
        request = urllib.request.Request(self.session + what, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as refused:
            raise RuntimeError(refused.read().decode()) from refused

    def click(self, selector):
        found = self.ask("/element", {"using": "css selector", "value": selector})
        self.ask(f"/element/{found[ELEMENT]}/click", {})

    def text(self, selector):
        script = "return document.querySelector(arguments[0])?.innerText ?? ''"
        return self.ask("/execute/sync", {"script": script, "args": [selector]})

    def wait(self, selector, text):
        end = time.monotonic() + PATIENCE_SECONDS
        while text not in self.text(selector):
            if time.monotonic() > end:
                raise RuntimeError(f"{selector} never had {text!r} in it: {self.text('body')}")
            time.sleep(0.1)

    def close(self):
        urllib.request.urlopen(urllib.request.Request(self.session, method="DELETE")).close()
        self.driver.terminate()
        self.driver.wait()


def main():
    link, what, *rest = sys.argv[1:]
    browser = Browser()
    try:
        browser.ask("/url", {"url": link})
        if what == "sees":
            browser.wait(*rest)
        else:
            browser.wait("#link", "Live")
            browser.click("#scrub")
            browser.click("#ask-yes")
            browser.wait("#work-how", "The last scrub compared everything: no differences")
    finally:
        browser.close()
    return 0


sys.exit(main())

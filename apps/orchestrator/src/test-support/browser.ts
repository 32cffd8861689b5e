import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
const ARGUMENTS = [
  // In a container or as root there is no sandbox to be had, and the pages are our own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** A browser of this test's own, without a window: CHROMIUM_PATH, or the first on the PATH. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath(), args: ARGUMENTS });
}

function chromiumPath(): string {
  const configured = process.env['CHROMIUM_PATH'];
  if (configured) return configured;
  for (const command of COMMANDS) {
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, command);
      if (folder !== '' && isProgram(file)) return file;
    }
  }
  if (isProgram(MAC)) return MAC;
  throw new Error('these tests need chromium on the PATH, or its place in CHROMIUM_PATH');
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

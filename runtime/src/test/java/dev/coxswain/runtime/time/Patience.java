package dev.coxswain.runtime.time;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * How long every test waits for what must come, unless it says otherwise: only a failure takes that
 * long, and a machine that is busy with other things must not look like one. Found by JUnit as a
 * service.
 */
public final class Patience implements LauncherSessionListener {
  private static final Duration LONGEST = Duration.ofMinutes(1);

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    Awaitility.setDefaultTimeout(LONGEST);
  }
}

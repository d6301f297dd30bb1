package dev.coxswain.runtime.program;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class LoggingTest {
  private final LoggerContext context = new LoggerContext();

  @Test
  void anEventIsOneLineWithItsStackTrace() {
    String line = line("it broke\nbadly", new IllegalStateException("why"));
    assertThat(line)
        .matches("(?s)\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z ERROR Some it broke \\| badly.*")
        .contains("IllegalStateException: why | at ")
        .endsWith("\n");
    assertThat(line.strip()).doesNotContain("\n");
  }

  @Test
  void anEventWithoutAnExceptionEndsAfterItsMessage() {
    assertThat(line("all is well", null)).endsWith("Some all is well\n");
  }

  private String line(String message, @Nullable Throwable thrown) {
    var logging = new Logging();
    logging.setContext(context);
    logging.configure(context);
    var logger = context.getLogger("dev.coxswain.Some");
    var event = new LoggingEvent("x", logger, Level.ERROR, message, thrown, null);
    var appender =
        (ConsoleAppender<ILoggingEvent>)
            context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("stderr");
    return new String(appender.getEncoder().encode(event), StandardCharsets.UTF_8);
  }
}

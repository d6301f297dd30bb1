package dev.coxswain.runtime.program;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.LoggerFactory;

/**
 * One line for each event on standard error: time in UTC, level, where, what; a stack trace is
 * folded into its line. Logback finds this class by itself (as a service) before the first line is
 * written, so that there is no moment, and no program, that logs otherwise.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String LINE =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z',UTC} %-5level %logger{0} %replace(%msg){'[\\r\\n]+', ' |"
          + " '}%replace(%replace( | %ex{full}){'[\\r\\n]+\\s*', ' | '}){'( \\| )+$', ''}%nopex%n";

  /** Libraries whose news is not ours: they speak when something is wrong. */
  private static final Map<String, Level> LIBRARIES =
      Map.of(
          "org.apache.ratis", Level.WARN,
          "io.netty", Level.WARN,
          "io.grpc", Level.WARN,
          "org.jose4j", Level.WARN,
          "jdk", Level.WARN,
          "sun", Level.WARN,
          "javax", Level.WARN);

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    var encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(LINE);
    encoder.start();
    var appender = new ConsoleAppender<ILoggingEvent>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(appender);
    LIBRARIES.forEach((name, level) -> context.getLogger(name).setLevel(level));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** How much our own code says: 0 and 1 is news, from 2 on also what leads to it. */
  public static void verbosity(int verbosity) {
    level("dev.coxswain", verbosity < 2 ? Level.INFO : verbosity < 4 ? Level.DEBUG : Level.TRACE);
  }

  private static void level(String logger, Level level) {
    if (LoggerFactory.getLogger(logger) instanceof Logger logback) {
      logback.setLevel(level);
    }
  }

  /** Takes over what the JDK and gRPC write with java.util.logging. */
  static void adoptJavaLogging() {
    LogManager.getLogManager().reset();
    java.util.logging.Logger.getLogger("").addHandler(new JavaLogging());
  }

  private static final class JavaLogging extends Handler {
    private final SimpleFormatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord record) {
      String name = record.getLoggerName() == null ? "jdk" : record.getLoggerName();
      org.slf4j.Logger logger = LoggerFactory.getLogger(name);
      String message = formatter.formatMessage(record);
      int level = record.getLevel().intValue();
      if (level >= java.util.logging.Level.SEVERE.intValue()) {
        logger.error(message, record.getThrown());
      } else if (level >= java.util.logging.Level.WARNING.intValue()) {
        logger.warn(message, record.getThrown());
      } else if (level >= java.util.logging.Level.INFO.intValue()) {
        logger.info(message, record.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}

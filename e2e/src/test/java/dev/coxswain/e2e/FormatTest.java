package dev.coxswain.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every Java file is as google-java-format writes it; {@code .ci/format} makes it so. A test and
 * not a Maven plugin, because the formatter needs the toolchain's JDK and Maven itself may run on
 * an older one.
 */
final class FormatTest {
  private static final Path ROOT = Repository.root();

  @Test
  void everyJavaFileIsFormatted() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      List<String> unformatted =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> !ROOT.relativize(file).toString().contains("target/"))
              .parallel()
              .filter(file -> !isFormatted(file))
              .map(file -> ROOT.relativize(file).toString())
              .sorted()
              .toList();
      assertThat(unformatted).as("run .ci/format").isEmpty();
    }
  }

  private static boolean isFormatted(Path file) {
    try {
      String source = Files.readString(file);
      return new Formatter().formatSourceAndFixImports(source).equals(source);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (com.google.googlejavaformat.java.FormatterException failure) {
      throw new AssertionError(file + " does not parse", failure);
    }
  }
}

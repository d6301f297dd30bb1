package dev.coxswain.proxy.iptables;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file under {@code stories} is a dialogue: blocks of commands, a line of dashes, and what
 * they show. Run with {@code -Dstories.rewrite=true} to write the answers anew, and then read the
 * diff.
 */
class StoriesTest {
  private static final String DASHES = "----";

  static Stream<Path> stories() throws IOException, URISyntaxException {
    Path folder = Path.of(StoriesTest.class.getResource("stories").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("stories")
  void rulesAreAsTold(Path file) throws IOException {
    String told = Files.readString(file);
    String retold = retell(told);
    if (Boolean.getBoolean("stories.rewrite")) {
      Path source =
          Path.of("src/test/resources/dev/coxswain/proxy/iptables/stories")
              .resolve(file.getFileName());
      Files.writeString(source, retold);
      return;
    }
    assertThat(retold).as(file.getFileName().toString()).isEqualTo(told);
  }

  private static String retell(String told) {
    Story story = new Story();
    StringBuilder retold = new StringBuilder();
    StringBuilder shown = new StringBuilder();
    boolean answer = false;
    for (String line : told.lines().toList()) {
      if (line.equals(DASHES)) {
        retold.append(line).append('\n').append(shown);
        shown.setLength(0);
        answer = true;
      } else if (answer) {
        if (line.isEmpty()) {
          answer = false;
          retold.append('\n');
        }
      } else {
        retold.append(line).append('\n');
        if (!line.isBlank() && !line.startsWith("#")) {
          shown.append(story.run(line));
        }
      }
    }
    return retold.toString();
  }
}

package dev.coxswain.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HomeTest {
  @TempDir private Path folder;

  @Test
  void aLinkLeadsToTheSameHome() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real")).toRealPath();
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertThat(Home.at(link)).isEqualTo(Home.at(real)).isEqualTo(new Home(real));
    assertThat(Home.at(link.resolve("not/yet")))
        .as("also before it is made")
        .isEqualTo(new Home(real.resolve("not/yet")));
    Files.createDirectories(real.resolve("not/yet"));
    assertThat(Home.at(link.resolve("not/yet"))).isEqualTo(new Home(real.resolve("not/yet")));
  }

  @Test
  void aRelativePathIsOneOfTheWorkingDirectory() throws IOException {
    Path here = Path.of("").toRealPath();
    assertThat(Home.at(Path.of("not-yet"))).isEqualTo(new Home(here.resolve("not-yet")));
    assertThat(Home.at(Path.of("./a/../not-yet"))).isEqualTo(new Home(here.resolve("not-yet")));
    assertThat(Home.at(Path.of("."))).isEqualTo(new Home(here));
  }
}

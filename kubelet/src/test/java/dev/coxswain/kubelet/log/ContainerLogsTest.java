package dev.coxswain.kubelet.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.kubelet.node.NodePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerLogsTest {
  @TempDir private Path folder = Path.of("");
  private NodePaths paths;
  private ContainerLogs logs;

  @BeforeEach
  void make() {
    paths = new NodePaths(folder.resolve("kubelet"), folder.resolve("pods"));
    logs = new ContainerLogs(paths);
  }

  @Test
  void aLogIsFoundByWhoKnowsItsContainer() throws IOException {
    Path log = write("0.log");
    logs.show(owner("c1", 0));
    logs.show(owner("c1", 0));
    assertThat(folder.resolve("containers/web_shop_main-c1.log")).hasContent("said");
    Files.writeString(log, "more");
    assertThat(folder.resolve("containers/web_shop_main-c1.log")).hasContent("more");
  }

  @Test
  void whatIsNotThereIsNotLinked() {
    logs.show(owner("c1", 0));
    assertThat(paths.logLinks()).doesNotExist();
    logs.remove(owner("c1", 0));
    logs.sweep();
  }

  @Test
  void aNameThatIsTooLongIsCut() throws IOException {
    write("0.log");
    logs.show(owner("c".repeat(300), 0));
    try (var links = Files.list(paths.logLinks())) {
      assertThat(links.map(link -> link.getFileName().toString()))
          .singleElement()
          .asString()
          .hasSize(255)
          .endsWith("c.log");
    }
  }

  @Test
  void withAContainerGoesAllThatItLoggedAndNothingElse() throws IOException {
    Path first = write("1.log");
    Path turnedOver = write("1.log.20260101-000000.gz");
    Path next = write("2.log");
    Path eleventh = write("11.log");
    logs.show(owner("c1", 1));
    logs.show(owner("c2", 2));
    logs.remove(owner("c1", 1));
    assertThat(first).doesNotExist();
    assertThat(turnedOver).doesNotExist();
    assertThat(next).exists();
    assertThat(eleventh).exists();
    assertThat(folder.resolve("containers/web_shop_main-c1.log")).doesNotExist();
    assertThat(folder.resolve("containers/web_shop_main-c2.log")).exists();
  }

  @Test
  void aLinkStaysWhileItsLogIsTurnedOver() throws IOException {
    Path log = write("0.log");
    logs.show(owner("c1", 0));
    Path link = folder.resolve("containers/web_shop_main-c1.log");
    Files.delete(log);
    logs.sweep();
    assertThat(link).isSymbolicLink();
    Files.delete(log.getParent());
    logs.sweep();
    assertThat(link).doesNotExist();
  }

  private Path write(String name) throws IOException {
    Path log = paths.podLogs("shop", "web", "u1").resolve("main").resolve(name);
    Files.createDirectories(log.getParent());
    return Files.writeString(log, "said");
  }

  private static ContainerLogs.Owner owner(String id, int restarts) {
    return new ContainerLogs.Owner("shop", "web", "u1", "main", restarts, id);
  }
}

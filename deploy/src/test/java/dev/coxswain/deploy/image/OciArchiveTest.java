package dev.coxswain.deploy.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coxswain.deploy.host.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class OciArchiveTest {
  @TempDir private Path directory;

  @Test
  void tarReadsWhatIsWritten() throws IOException {
    var tar = new TarWriter();
    tar.directory("bin", 0755);
    tar.file("bin/tool", 0755, new byte[700]);
    tar.link("bin/alias", "tool");
    unpack(tar.finish());
    assertThat(Files.readAllBytes(directory.resolve("bin/tool"))).hasSize(700);
    assertThat(Files.isExecutable(directory.resolve("bin/tool"))).isTrue();
    assertThat(Files.readSymbolicLink(directory.resolve("bin/alias"))).hasToString("tool");
  }

  @Test
  void everyDigestAndSizeIsThatOfItsBlob() throws Exception {
    var layer = new TarWriter();
    layer.file("hello", 0644, new byte[] {1, 2, 3});
    var archive = new OciArchive();
    var config =
        new OciArchive.Config(
            "amd64", List.of(), List.of("/hello"), List.of("PATH=/bin"), List.of(), "1000");
    archive.add("docker.io/coxswain/one:1", layer.finish(), config);
    archive.add("docker.io/coxswain/two:1", layer.finish(), config);
    unpack(archive.finish());

    JsonNode index = read("index.json");
    assertThat(index.path("manifests").size()).isEqualTo(2);
    for (JsonNode entry : index.path("manifests")) {
      JsonNode manifest = JsonMapper.shared().readTree(blob(entry));
      JsonNode image = JsonMapper.shared().readTree(blob(manifest.path("config")));
      assertThat(image.path("config").path("User").asString()).isEqualTo("1000");
      assertThat(image.path("rootfs").path("diff_ids").path(0).asString())
          .isEqualTo(manifest.path("layers").path(0).path("digest").asString());
      blob(manifest.path("layers").path(0));
    }
    assertThat(
            index
                .path("manifests")
                .path(1)
                .path("annotations")
                .path("io.containerd.image.name")
                .asString())
        .isEqualTo("docker.io/coxswain/two:1");
  }

  /** The blob of a descriptor, whose digest and size are checked. */
  private byte[] blob(JsonNode descriptor) throws Exception {
    String digest = descriptor.path("digest").asString().replace("sha256:", "");
    byte[] bytes = Files.readAllBytes(directory.resolve("blobs/sha256/" + digest));
    assertThat(bytes).hasSize(descriptor.path("size").asInt());
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
        .isEqualTo(digest);
    return bytes;
  }

  private JsonNode read(String name) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(directory.resolve(name)));
  }

  private void unpack(byte[] tar) throws IOException {
    Path file = Files.write(directory.resolve("archive.tar"), tar);
    Shell.must("tar", "-xf", file.toString(), "-C", directory.toString());
  }
}

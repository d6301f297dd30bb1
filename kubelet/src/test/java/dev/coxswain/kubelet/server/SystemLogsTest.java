package dev.coxswain.kubelet.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SystemLogsTest {
  @TempDir private Path directory;
  private Path root;

  private record Answer(int status, String type, String location, String body) {}

  @BeforeEach
  void write() throws IOException {
    root = Files.createDirectories(directory.resolve("log"));
    Files.createDirectory(root.resolve("pods"));
    Files.writeString(root.resolve("messages"), "one\ntwo\n".repeat(50_000));
    Files.write(root.resolve("wtmp"), new byte[] {1, 0, 2});
    Files.writeString(root.resolve("<odd> name"), "");
    Files.createSymbolicLink(root.resolve("pods/linked.log"), root.resolve("messages"));
    Files.writeString(directory.resolve("secret"), "hush");
    Files.createSymbolicLink(root.resolve("escape"), directory.resolve("secret"));
  }

  private Answer get(String path) {
    EmbeddedChannel channel = new EmbeddedChannel();
    new SystemLogs(root).serve(channel, path);
    StringBuilder body = new StringBuilder();
    HttpResponse head = channel.readOutbound();
    if (head instanceof HttpContent whole) {
      body.append(whole.content().toString(StandardCharsets.UTF_8));
    }
    for (Object piece = channel.readOutbound(); piece != null; piece = channel.readOutbound()) {
      body.append(((HttpContent) piece).content().toString(StandardCharsets.UTF_8));
    }
    return new Answer(
        head.status().code(),
        head.headers().get(HttpHeaderNames.CONTENT_TYPE, ""),
        head.headers().get(HttpHeaderNames.LOCATION, ""),
        body.toString());
  }

  @Test
  void aFolderIsAPageOfLinks() {
    Answer page = get("/logs/");
    assertThat(page.status()).isEqualTo(200);
    assertThat(page.type()).startsWith("text/html");
    assertThat(page.body())
        .contains("<a href=\"pods/\">pods/</a>", "<a href=\"messages\">messages</a>")
        .contains("<a href=\"%3Codd%3E%20name\">&lt;odd&gt; name</a>");
    assertThat(get("/logs").location()).isEqualTo("logs/");
    assertThat(get("/logs/pods").location()).isEqualTo("pods/");
  }

  @Test
  void aFileIsSentAsItIs() {
    Answer text = get("/logs/messages");
    assertThat(text.type()).startsWith("text/plain");
    assertThat(text.body()).isEqualTo("one\ntwo\n".repeat(50_000));
    assertThat(get("/logs/pods/linked.log").body()).hasSize(text.body().length());
    assertThat(get("/logs/wtmp").type()).isEqualTo("application/octet-stream");
  }

  @Test
  void nothingBesideTheFolderIsShown() {
    for (String path : new String[] {"/logs/../secret", "/logs/escape", "/logs/none", "/logs//"}) {
      Answer answer = get(path);
      assertThat(answer.body()).as(path).doesNotContain("hush");
    }
    assertThat(get("/logs/escape").status()).isEqualTo(404);
    assertThat(get("/logs/none").status()).isEqualTo(404);
  }
}

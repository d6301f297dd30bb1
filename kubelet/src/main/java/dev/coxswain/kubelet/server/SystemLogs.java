package dev.coxswain.kubelet.server;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's own logs below {@code /logs/}: a folder is a page of links, a file is sent as it is.
 * Unlike upstream's, a link is followed only to what is below the folder: a pod that may write into
 * it (as log collectors do) could otherwise have the node's secrets shown.
 */
@SuppressWarnings("FutureReturnValueIgnored")
final class SystemLogs {
  private static final Logger LOG = LoggerFactory.getLogger(SystemLogs.class);
  private static final String PREFIX = "/logs";
  private static final String PAGE = "text/html; charset=utf-8";
  private static final String BYTES = "application/octet-stream";

  /** How much of a file is looked at to tell whether it is a text. */
  private static final int BEGINNING = 512;

  private final Path root;

  SystemLogs(Path root) {
    this.root = root;
  }

  /** Answers for a path that begins with {@code /logs}. */
  void serve(Channel channel, String path) {
    try {
      Path file = find(path.substring(PREFIX.length()));
      if (file != null && Files.isDirectory(file)) {
        folder(channel, path, file);
        return;
      }
      // Neither pipes, which may never end, nor devices.
      if (file != null && Files.isRegularFile(file)) {
        send(channel, file);
        return;
      }
    } catch (IOException | InvalidPathException failure) {
      LOG.debug("{} cannot be shown: {}", path, failure.toString());
    }
    Answers.text(channel, HttpResponseStatus.NOT_FOUND, "404 page not found\n");
  }

  private @Nullable Path find(String below) throws IOException {
    Path asked = root.resolve(below.replaceFirst("^/+", "")).normalize();
    if (!asked.startsWith(root) || !Files.exists(asked)) {
      return null;
    }
    Path real = asked.toRealPath();
    return real.startsWith(root.toRealPath()) ? real : null;
  }

  private static void folder(Channel channel, String path, Path folder) throws IOException {
    if (!path.endsWith("/")) {
      // The links of the page are relative.
      redirect(channel, path.substring(path.lastIndexOf('/') + 1) + "/");
      return;
    }
    List<Path> entries;
    try (Stream<Path> all = Files.list(folder)) {
      entries = all.sorted().toList();
    }
    StringBuilder page = new StringBuilder("<!doctype html>\n<pre>\n");
    for (Path entry : entries) {
      String name = entry.getFileName() + (Files.isDirectory(entry) ? "/" : "");
      page.append("<a href=\"")
          .append(reference(name))
          .append("\">")
          .append(escaped(name))
          .append("</a>\n");
    }
    byte[] body = page.append("</pre>\n").toString().getBytes(StandardCharsets.UTF_8);
    Answers.send(channel, HttpResponseStatus.OK, PAGE, body);
  }

  private static void redirect(Channel channel, String to) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.MOVED_PERMANENTLY);
    response.headers().set(HttpHeaderNames.LOCATION, to).set(HttpHeaderNames.CONTENT_LENGTH, 0);
    channel.writeAndFlush(response);
  }

  /** What is there now: a log that grows as fast as it is read would never end. */
  private static void send(Channel channel, Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      long left = Files.size(file);
      byte[] piece = in.readNBytes((int) Math.min(left, BEGINNING));
      String type = isText(piece) ? Answers.TEXT : BYTES;
      try (StreamedBody body = StreamedBody.chunked(channel, type)) {
        while (piece.length > 0) {
          body.write(piece, 0, piece.length);
          left -= piece.length;
          piece = in.readNBytes((int) Math.min(left, 1 << 16));
        }
      } catch (IOException brokenOff) {
        LOG.debug("{} broke off: {}", file, brokenOff.getMessage());
        channel.close();
      }
    }
  }

  private static boolean isText(byte[] beginning) {
    for (byte one : beginning) {
      if (one == 0) {
        return false;
      }
    }
    return true;
  }

  private static String reference(String name) {
    StringBuilder reference = new StringBuilder();
    for (byte one : name.getBytes(StandardCharsets.UTF_8)) {
      char character = (char) (one & 0xff);
      boolean plain = Character.isLetterOrDigit(character) && character < 128;
      if (plain || "-._~/".indexOf(character) >= 0) {
        reference.append(character);
      } else {
        reference.append('%').append(HexFormat.of().withUpperCase().toHexDigits(one));
      }
    }
    return reference.toString();
  }

  private static String escaped(String name) {
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}

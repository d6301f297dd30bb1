package dev.coxswain.deploy.image;

import dev.coxswain.deploy.host.CoxException;
import dev.coxswain.deploy.host.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The images every node starts with, made on this machine because no registry is needed. */
public final class BuiltinImages {
  /** What a pod's namespaces hang on. */
  public static final String PAUSE = "docker.io/coxswain/pause:1";

  /** An HTTP server that answers its pod's name, with a shell beside it. */
  public static final String DEMO = "docker.io/coxswain/demo:1";

  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> PATH = List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin");

  private BuiltinImages() {}

  /** One OCI archive with both images. */
  public static byte[] archive(NativePrograms programs) {
    try {
      var archive = new OciArchive();
      archive.add(
          PAUSE, pause(programs), config(List.of("/pause"), List.of(), List.of(), "65535:65535"));
      // Not an entry point: kubectl run … -- wget … is to run wget.
      archive.add(
          DEMO, demo(programs), config(List.of(), List.of("/bin/demo"), List.of("8080/tcp"), ""));
      return archive.finish();
    } catch (IOException unreadable) {
      throw new CoxException("cannot make the images: " + unreadable.getMessage(), unreadable);
    }
  }

  private static byte[] pause(NativePrograms programs) throws IOException {
    var layer = new TarWriter();
    layer.file("pause", 0755, Files.readAllBytes(programs.program("pause")));
    return layer.finish();
  }

  private static byte[] demo(NativePrograms programs) throws IOException {
    var layer = new TarWriter();
    for (String directory : List.of("bin", "etc", "proc", "sys", "dev", "root", "var", "usr")) {
      layer.directory(directory, 0755);
    }
    layer.directory("tmp", 01777);
    layer.file("bin/demo", 0755, Files.readAllBytes(programs.program("demo")));
    layer.file("bin/busybox", 0755, Files.readAllBytes(BUSYBOX));
    Shell.must(BUSYBOX.toString(), "--list")
        .lines()
        .filter(applet -> !applet.equals("busybox"))
        .forEach(applet -> layer.link("bin/" + applet, "busybox"));
    layer.link("usr/bin", "../bin");
    layer.link("sbin", "bin");
    layer.file(
        "etc/passwd",
        0644,
        text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n"));
    layer.file("etc/group", 0644, text("root:x:0:\nnogroup:x:65534:\n"));
    return layer.finish();
  }

  private static OciArchive.Config config(
      List<String> entrypoint, List<String> command, List<String> ports, String user) {
    String architecture =
        switch (System.getProperty("os.arch")) {
          case "amd64" -> "amd64";
          case "aarch64" -> "arm64";
          case String other -> other;
        };
    return new OciArchive.Config(architecture, entrypoint, command, PATH, ports, user);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}

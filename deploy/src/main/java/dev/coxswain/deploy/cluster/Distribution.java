package dev.coxswain.deploy.cluster;

import dev.coxswain.deploy.host.CoxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What {@code mvn package} assembled: {@code lib/} with every jar, {@code native/} with the C
 * sources, {@code jvm/} with each JVM's flags. Each module's jar names the jars it needs in its
 * manifest, so that a process opens its own and no more.
 */
public record Distribution(Path root, Path cache, boolean training) {
  private static final String ROOT_PROPERTY = "coxswain.distribution";
  private static final String CACHE_PROPERTY = "coxswain.cache";

  /** The distribution that this very program was started from. */
  public static Distribution current() {
    String root = System.getProperty(ROOT_PROPERTY);
    if (root == null || !Files.isDirectory(Path.of(root, "lib"))) {
      throw new CoxException(
          "-D" + ROOT_PROPERTY + " does not name an assembled distribution; start cox by ./cox");
    }
    String cache = System.getProperty(CACHE_PROPERTY, root + "/cache");
    return new Distribution(Path.of(root), Path.of(cache), false);
  }

  /** The same, but its daemons write their start-up caches into the directory when they leave. */
  public Distribution trainingInto(Path directory) {
    return new Distribution(root, directory, true);
  }

  /**
   * The command line that starts a daemon: its JVM, small, with its own jars and start-up cache.
   */
  public List<String> daemonCommand(Daemon daemon) {
    String process = daemon.processName();
    var line = new ArrayList<String>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("@" + root.resolve("jvm/all.flags"));
    line.add("@" + root.resolve("jvm").resolve(process + ".flags"));
    Path startup = cache.resolve(process + ".aot");
    if (training) {
      line.add("-XX:AOTCacheOutput=" + startup);
    } else if (Files.exists(startup)) {
      line.add("-XX:AOTCache=" + startup);
    }
    line.add("-cp");
    line.add(jar("deploy") + ":" + jar(process));
    line.add("dev.coxswain.deploy.Cox");
    line.add(process);
    return line;
  }

  public Path nativeSources() {
    return root.resolve("native");
  }

  public Path nativePrograms() {
    return root.resolve("programs");
  }

  private Path jar(String module) {
    var found = new ArrayList<Path>();
    try (var jars =
        Files.newDirectoryStream(root.resolve("lib"), "coxswain-" + module + "-*.jar")) {
      jars.forEach(found::add);
    } catch (java.io.IOException missing) {
      throw new CoxException("the distribution has no lib: " + missing.getMessage(), missing);
    }
    List<Path> main = found.stream().filter(jar -> !jar.toString().endsWith("-tests.jar")).toList();
    if (main.size() != 1) {
      throw new CoxException(
          "the distribution has " + main.size() + " jars of " + module + "; rebuild it");
    }
    return main.getFirst();
  }
}

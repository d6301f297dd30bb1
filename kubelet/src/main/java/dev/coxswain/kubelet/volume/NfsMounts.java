package dev.coxswain.kubelet.volume;

import io.fabric8.kubernetes.api.model.NFSVolumeSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Mounts what NFS servers export, by the helper that hosts have for it. */
final class NfsMounts {
  /** Under the name of this plug-in its volumes lie below a pod's. */
  static final String PLUGIN = "nfs";

  /** Where mount(8) looks for its helpers; Debian's are in either. */
  private static final List<Path> HELPERS =
      List.of(Path.of("/sbin/mount.nfs"), Path.of("/usr/sbin/mount.nfs"));

  private final MountTable mounts;
  private final List<Path> helpers;

  NfsMounts(MountTable mounts) {
    this(mounts, HELPERS);
  }

  NfsMounts(MountTable mounts, List<Path> helpers) {
    this.mounts = mounts;
    this.helpers = helpers;
  }

  /**
   * Mounts the export, unless it is mounted there.
   *
   * @param options of the persistent volume; none for a pod's own
   * @throws IOException with what the helper said, or that there is none
   */
  void mount(NFSVolumeSource source, List<String> options, boolean readOnly, Path target)
      throws IOException {
    if (mounts.isMountPoint(target)) {
      return;
    }
    if (helpers.stream().noneMatch(Files::isExecutable)) {
      throw new IOException(
          "mount failed: this node has no mount.nfs (Debian's package nfs-common) to mount "
              + export(source)
              + " with");
    }
    FileTrees.directory(target, 0750);
    mounts.mount(arguments(source, options, readOnly, target));
  }

  /** What mount(8) is told. */
  static List<String> arguments(
      NFSVolumeSource source, List<String> options, boolean readOnly, Path target) {
    TreeSet<String> all = new TreeSet<>(options);
    if (readOnly || Boolean.TRUE.equals(source.getReadOnly())) {
      all.add("ro");
    }
    List<String> arguments = new ArrayList<>(List.of("-t", "nfs"));
    if (!all.isEmpty()) {
      arguments.addAll(List.of("-o", String.join(",", all)));
    }
    // The server's name is whatever a user wrote: no option begins after this.
    arguments.addAll(List.of("--", export(source), target.toString()));
    return arguments;
  }

  private static String export(NFSVolumeSource source) {
    String server = source.getServer();
    boolean literal = server.contains(":") && !server.startsWith("[");
    return (literal ? "[" + server + "]" : server) + ":" + source.getPath();
  }
}

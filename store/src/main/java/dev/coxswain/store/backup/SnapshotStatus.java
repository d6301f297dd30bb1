package dev.coxswain.store.backup;

import dev.coxswain.store.bolt.BoltFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * What {@code snapshot status} says of a file, computed as etcdctl does.
 *
 * @param hash CRC-32C over all names, keys and values
 * @param totalKeys pairs in all buckets, versions of keys among them
 * @param totalSize bytes of the database, its trailer not counted
 */
public record SnapshotStatus(int hash, long revision, long totalKeys, long totalSize) {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};

  /** Reads a snapshot file; its checksum, if it has one, is checked. */
  public static SnapshotStatus of(Path file) throws IOException {
    if (SnapshotChecksum.present(file)) {
      SnapshotChecksum.verify(file);
    }
    CRC32C crc = new CRC32C();
    long[] counts = new long[2];
    try (BoltFile bolt = BoltFile.open(file)) {
      for (String bucket : bolt.buckets()) {
        crc.update(bucket.getBytes(StandardCharsets.UTF_8));
        boolean keys = bucket.equals(EtcdBuckets.KEY);
        bolt.forEach(
            bucket,
            (key, value) -> {
              crc.update(key);
              crc.update(value);
              counts[0]++;
              if (keys) {
                counts[1] = EtcdBuckets.Place.decode(key).revision();
              }
            });
      }
      return new SnapshotStatus((int) crc.getValue(), counts[1], counts[0], bolt.size());
    }
  }

  /** The size as people read it, in powers of a thousand. */
  public String readableSize() {
    double size = totalSize;
    int unit = 0;
    while (size >= 1000 && unit < UNITS.length - 1) {
      size /= 1000;
      unit++;
    }
    boolean tenths = unit > 0 && size < 9.95;
    return String.format(Locale.ROOT, tenths ? "%.1f %s" : "%.0f %s", size, UNITS[unit]);
  }
}

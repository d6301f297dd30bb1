package dev.coxswain.store.member;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Identities of members and clusters: hashes, as in etcd, so that everybody who is given the same
 * initial cluster computes the same ones.
 */
public final class Identity {
  private Identity() {}

  /** The identity of a founding member: from its peer URLs and the cluster's token. */
  public static long founder(Collection<String> peerUrls, String token) {
    return hash(join(peerUrls) + token);
  }

  /** The identity of a member added later; the moment keeps it from ever coming back. */
  public static long newcomer(Collection<String> peerUrls, long clusterId, long moment) {
    return hash(join(peerUrls) + Long.toHexString(clusterId) + "@" + moment);
  }

  /** The identity of a cluster: from its founding members. */
  public static long cluster(Collection<Long> members, String token) {
    List<Long> sorted = new ArrayList<>(members);
    sorted.sort(Long::compareUnsigned);
    return hash(sorted + token);
  }

  /** An identity as people see it. */
  public static String text(long id) {
    return Long.toHexString(id);
  }

  private static String join(Collection<String> urls) {
    return String.join("", urls.stream().sorted().toList());
  }

  private static long hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

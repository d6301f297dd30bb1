package dev.coxswain.store.raft;

import dev.coxswain.store.member.Identity;
import dev.coxswain.store.member.MemberUrl;
import java.net.URI;

/**
 * What Raft's configuration has for an address: a member's identity, and where it was reached when
 * it came to the cluster. Ratis takes no notice of an address that changes, so that what it holds
 * must be true for ever; {@link PeerNames} finds where the member is now.
 *
 * @param founding {@code host:port}
 */
record PeerName(long id, String founding) {
  /** Of a URI with a name in it. */
  static final String SCHEME = "member";

  static PeerName of(long id, MemberUrl url) {
    return new PeerName(id, url.authority());
  }

  /** Reads {@code member://host:port/identity}. */
  static PeerName parse(URI uri) {
    return new PeerName(Long.parseUnsignedLong(uri.getPath().substring(1), 16), uri.getAuthority());
  }

  /** Whether an address is such a name; others are {@code host:port}. */
  static boolean isName(String address) {
    return address.startsWith(SCHEME + "://");
  }

  @Override
  public String toString() {
    return SCHEME + "://" + founding + "/" + Identity.text(id);
  }
}

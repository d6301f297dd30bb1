package dev.coxswain.store.raft;

import dev.coxswain.store.member.MemberUrl;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.apache.ratis.thirdparty.io.grpc.Attributes;
import org.apache.ratis.thirdparty.io.grpc.EquivalentAddressGroup;
import org.apache.ratis.thirdparty.io.grpc.NameResolver;
import org.apache.ratis.thirdparty.io.grpc.NameResolverProvider;
import org.apache.ratis.thirdparty.io.grpc.NameResolverRegistry;
import org.apache.ratis.thirdparty.io.grpc.Status;
import org.apache.ratis.thirdparty.io.grpc.StatusOr;
import org.jspecify.annotations.Nullable;

/**
 * Tells gRPC where a {@link PeerName} is reached, and that it has moved: connections that Ratis
 * opened follow, too. One for the whole process, because gRPC asks one registry; identities are
 * unique among clusters.
 */
final class PeerNames extends NameResolverProvider {
  private static final PeerNames OF_THIS_PROCESS = new PeerNames();
  private static final int PRIORITY = 5;

  private final Map<Long, List<String>> moved = new ConcurrentHashMap<>();
  private final Set<Resolver> resolvers = ConcurrentHashMap.newKeySet();

  static {
    NameResolverRegistry.getDefaultRegistry().register(OF_THIS_PROCESS);
  }

  PeerNames() {}

  /** Those that gRPC asks. */
  static PeerNames ofThisProcess() {
    return OF_THIS_PROCESS;
  }

  /**
   * Where a member is reached from now on.
   *
   * @param authorities {@code host:port}, best first
   */
  void reached(long id, List<String> authorities) {
    if (!authorities.equals(moved.put(id, List.copyOf(authorities)))) {
      for (Resolver resolver : resolvers) {
        if (resolver.name.id() == id) {
          resolver.refresh();
        }
      }
    }
  }

  /** Where an address of Raft's configuration is reached, {@code host:port}, best first. */
  List<String> authorities(String address) {
    return PeerName.isName(address)
        ? authorities(PeerName.parse(URI.create(address)))
        : List.of(address);
  }

  private List<String> authorities(PeerName name) {
    return moved.getOrDefault(name.id(), List.of(name.founding()));
  }

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return PRIORITY;
  }

  @Override
  public String getDefaultScheme() {
    return PeerName.SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return Set.of(InetSocketAddress.class);
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args arguments) {
    Executor lookups = arguments.getOffloadExecutor();
    return PeerName.SCHEME.equals(target.getScheme())
        ? new Resolver(
            PeerName.parse(target),
            lookups == null ? Thread::startVirtualThread : lookups,
            arguments)
        : null;
  }

  private final class Resolver extends NameResolver {
    private final PeerName name;
    private final Executor lookups;
    private final Args arguments;
    private volatile @Nullable Listener2 listener;

    Resolver(PeerName name, Executor lookups, Args arguments) {
      this.name = name;
      this.lookups = lookups;
      this.arguments = arguments;
    }

    @Override
    public String getServiceAuthority() {
      return name.founding();
    }

    @Override
    public void start(Listener2 told) {
      listener = told;
      resolvers.add(this);
      refresh();
    }

    // Looking up a host name may take a while.
    @Override
    public void refresh() {
      lookups.execute(() -> {
        List<EquivalentAddressGroup> found =
            authorities(name).stream().flatMap(Resolver::group).toList();
        arguments.getSynchronizationContext().execute(() -> tell(found));
      });
    }

    private void tell(List<EquivalentAddressGroup> found) {
      Listener2 told = listener;
      if (told != null) {
        told.onResult(
            ResolutionResult.newBuilder()
                .setAddressesOrError(
                    found.isEmpty()
                        ? StatusOr.fromStatus(
                            Status.UNAVAILABLE.withDescription(name + " has no address"))
                        : StatusOr.fromValue(found))
                .build());
      }
    }

    // Its certificate must be for the host where it is now.
    private static Stream<EquivalentAddressGroup> group(String authority) {
      MemberUrl url = MemberUrl.parse("http://" + authority, "address");
      InetSocketAddress address = new InetSocketAddress(url.host(), url.port());
      return address.isUnresolved()
          ? Stream.empty()
          : Stream.of(
              new EquivalentAddressGroup(
                  address,
                  Attributes.newBuilder()
                      .set(EquivalentAddressGroup.ATTR_AUTHORITY_OVERRIDE, authority)
                      .build()));
    }

    @Override
    public void shutdown() {
      resolvers.remove(this);
      listener = null;
    }
  }
}

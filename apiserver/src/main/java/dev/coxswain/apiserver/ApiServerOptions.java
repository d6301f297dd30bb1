package dev.coxswain.apiserver;

import dev.coxswain.api.meta.GroupResource;
import dev.coxswain.apiserver.oidc.OpenIdSettings;
import dev.coxswain.apiserver.oidc.OpenIdTokens;
import dev.coxswain.apiserver.storage.EtcdConfig;
import dev.coxswain.apiserver.storage.EtcdStore;
import dev.coxswain.apiserver.storage.SplitStore;
import dev.coxswain.apiserver.storage.Store;
import dev.coxswain.apiserver.storage.StoreOverride;
import dev.coxswain.apiserver.storage.TracedStore;
import dev.coxswain.runtime.program.ProfilingOption;
import dev.coxswain.runtime.time.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of the API server, under Kubernetes' names. */
public final class ApiServerOptions {
  @Option(
      names = "--bind-address",
      paramLabel = "ADDRESS",
      defaultValue = "0.0.0.0",
      description = "the address to listen on (default: ${DEFAULT-VALUE})")
  String bindAddress = "0.0.0.0";

  @Option(
      names = "--secure-port",
      paramLabel = "PORT",
      defaultValue = "6443",
      description = "the port to listen on; 0 takes a free one (default: ${DEFAULT-VALUE})")
  int securePort = 6443;

  @Option(
      names = "--advertise-address",
      paramLabel = "ADDRESS",
      description = "the address at which the cluster reaches this server")
  @Nullable String advertiseAddress;

  @Option(
      names = "--etcd-servers",
      paramLabel = "URL",
      split = ",",
      required = true,
      description = "the store's endpoints")
  List<String> etcdServers = new ArrayList<>();

  @Option(
      names = "--etcd-servers-overrides",
      paramLabel = "GROUP/RESOURCE#URL",
      split = ",",
      description =
          "a resource that is kept in a store of its own, such as /events#https://host:2379; that"
              + " store's endpoints are separated by semicolons and reached with the same"
              + " certificates")
  List<String> etcdOverrides = new ArrayList<>();

  @Option(
      names = "--etcd-cafile",
      paramLabel = "FILE",
      description = "PEM file with the CA of the store's certificates")
  @Nullable Path etcdAuthority;

  @Option(
      names = "--etcd-certfile",
      paramLabel = "FILE",
      description = "PEM file with the client certificate for the store")
  @Nullable Path etcdCertificate;

  @Option(
      names = "--etcd-keyfile",
      paramLabel = "FILE",
      description = "PEM file with the key of the client certificate for the store")
  @Nullable Path etcdKey;

  @Option(
      names = "--tls-cert-file",
      paramLabel = "FILE",
      required = true,
      description = "PEM file with the server's certificate chain")
  Path certificate = Path.of("");

  @Option(
      names = "--tls-private-key-file",
      paramLabel = "FILE",
      required = true,
      description = "PEM file with the server's key")
  Path key = Path.of("");

  @Option(
      names = "--client-ca-file",
      paramLabel = "FILE",
      required = true,
      description = "PEM file with the CA of client certificates")
  Path clientAuthority = Path.of("");

  @Option(
      names = "--service-account-key-file",
      paramLabel = "FILE",
      description =
          "PEM file with the public (or private) key that verifies service-account tokens")
  List<Path> serviceAccountKeys = new ArrayList<>();

  @Option(
      names = "--service-account-signing-key-file",
      paramLabel = "FILE",
      description = "PEM file with the private key that signs service-account tokens")
  @Nullable Path serviceAccountSigningKey;

  @Option(
      names = "--service-account-issuer",
      paramLabel = "URL",
      defaultValue = "https://kubernetes.default.svc.cluster.local",
      description = "the issuer of service-account tokens (default: ${DEFAULT-VALUE})")
  String serviceAccountIssuer = "https://kubernetes.default.svc.cluster.local";

  @Option(
      names = "--service-cluster-ip-range",
      paramLabel = "CIDR",
      defaultValue = "10.96.0.0/12",
      description = "where the addresses of services come from (default: ${DEFAULT-VALUE})")
  String serviceRange = "10.96.0.0/12";

  @Option(
      names = "--service-node-port-range",
      paramLabel = "FROM-TO",
      defaultValue = "30000-32767",
      description = "where the node ports of services come from (default: ${DEFAULT-VALUE})")
  String nodePorts = "30000-32767";

  @Option(
      names = "--kubelet-client-certificate",
      paramLabel = "FILE",
      description = "PEM file with the client certificate for kubelets")
  @Nullable Path kubeletCertificate;

  @Option(
      names = "--kubelet-client-key",
      paramLabel = "FILE",
      description = "PEM file with the key of the client certificate for kubelets")
  @Nullable Path kubeletKey;

  @Option(
      names = "--kubelet-certificate-authority",
      paramLabel = "FILE",
      description = "PEM file with the CA of kubelets' certificates")
  @Nullable Path kubeletAuthority;

  @Option(
      names = "--proxy-client-cert-file",
      paramLabel = "FILE",
      description =
          "PEM file with the client certificate that aggregated API servers trust to tell who asks")
  @Nullable Path proxyCertificate;

  @Option(
      names = "--proxy-client-key-file",
      paramLabel = "FILE",
      description = "PEM file with the key of that certificate")
  @Nullable Path proxyKey;

  @Option(
      names = "--requestheader-client-ca-file",
      paramLabel = "FILE",
      description =
          "PEM file with the CA of that certificate; told to aggregated API servers in the config"
              + " map extension-apiserver-authentication")
  @Nullable Path proxyAuthority;

  @Option(
      names = "--requestheader-allowed-names",
      paramLabel = "NAME",
      split = ",",
      description =
          "common names of certificates that may tell who asks; told likewise (default: any)")
  List<String> proxyNames = new ArrayList<>();

  @Option(
      names = "--authorization-mode",
      paramLabel = "MODE",
      split = ",",
      defaultValue = "Node,RBAC",
      description = "who decides what users may do: Node, RBAC (default: ${DEFAULT-VALUE})")
  List<String> authorizationModes = new ArrayList<>();

  @Option(
      names = "--anonymous-auth",
      paramLabel = "BOOLEAN",
      arity = "1",
      description = "whether requests without credentials are system:anonymous (default: true)")
  @Nullable Boolean anonymous;

  @Option(
      names = "--authentication-config",
      paramLabel = "FILE",
      description =
          "whose tokens are believed, and how they become users: an AuthenticationConfiguration of"
              + " apiserver.config.k8s.io/v1, followed when it changes; instead of --oidc-...")
  @Nullable Path authentication;

  @Option(
      names = "--endpoint-reconciler-type",
      paramLabel = "TYPE",
      defaultValue = "lease",
      description = "how servers share the kubernetes service: lease, none")
  String endpointReconciler = "lease";

  @Option(
      names = "--enable-bootstrap-token-auth",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description = "whether bootstrap tokens are believed (default: ${DEFAULT-VALUE})")
  boolean bootstrapTokens;

  @Option(
      names = "--oidc-issuer-url",
      paramLabel = "URL",
      defaultValue = "",
      description = "the https URL of an OpenID issuer whose tokens are believed")
  String openIdIssuer = "";

  @Option(
      names = "--oidc-client-id",
      paramLabel = "NAME",
      defaultValue = "",
      description = "the audience that its tokens must name")
  String openIdClient = "";

  @Option(
      names = "--oidc-username-claim",
      paramLabel = "CLAIM",
      defaultValue = "sub",
      description = "the claim that is the user's name (default: ${DEFAULT-VALUE})")
  String openIdUsername = "sub";

  @Option(
      names = "--oidc-username-prefix",
      paramLabel = "TEXT",
      description =
          "what is put before user names; - for nothing (default: the issuer and a hash sign,"
              + " nothing for email addresses)")
  @Nullable String openIdUsernamePrefix;

  @Option(
      names = "--oidc-groups-claim",
      paramLabel = "CLAIM",
      defaultValue = "",
      description = "the claim that lists groups")
  String openIdGroups = "";

  @Option(
      names = "--oidc-groups-prefix",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "what is put before groups")
  String openIdGroupsPrefix = "";

  @Option(
      names = "--oidc-required-claim",
      paramLabel = "CLAIM=VALUE",
      split = ",",
      description = "a claim that must be there, with its value")
  List<String> openIdRequired = new ArrayList<>();

  @Option(
      names = "--oidc-ca-file",
      paramLabel = "FILE",
      description = "PEM file with the CA of the issuer's certificate")
  @Nullable Path openIdAuthority;

  /** Whose tokens are believed beside those that are the server's own. */
  Optional<OpenIdTokens> otherIssuers(Time time) {
    if (authentication != null) {
      if (!openIdIssuer.isEmpty() || !openIdClient.isEmpty()) {
        throw new IllegalArgumentException(
            "--authentication-config and --oidc-... exclude each other");
      }
      return Optional.of(
          OpenIdTokens.following(
              authentication, Set.of(serviceAccountIssuer), anonymous != null, time));
    }
    return openIdIssuer.isEmpty()
        ? Optional.empty()
        : Optional.of(
            OpenIdTokens.of(
                OpenIdSettings.of(
                    openIdIssuer,
                    openIdClient,
                    openIdUsername,
                    openIdUsernamePrefix,
                    openIdGroups,
                    openIdGroupsPrefix,
                    openIdRequired,
                    openIdAuthority),
                time));
  }

  /** The main store, and stores that keep some resources; those of the same endpoints are one. */
  Store stores(UnaryOperator<Store> readable) throws IOException {
    List<StoreOverride> overrides = etcdOverrides.stream().map(StoreOverride::parse).toList();
    Store main = readable.apply(new TracedStore(new EtcdStore(endpoints(etcdServers))));
    if (overrides.isEmpty()) {
      return main;
    }
    Map<Set<String>, Store> opened = new HashMap<>();
    Map<GroupResource, Store> elsewhere = new HashMap<>();
    for (StoreOverride override : overrides) {
      Set<String> servers = Set.copyOf(override.servers());
      Store store = opened.get(servers);
      if (store == null) {
        store = readable.apply(new TracedStore(new EtcdStore(endpoints(override.servers()))));
        opened.put(servers, store);
      }
      elsewhere.put(override.resource(), store);
    }
    return new SplitStore(main, elsewhere);
  }

  private EtcdConfig endpoints(List<String> servers) {
    return new EtcdConfig(servers, etcdAuthority, etcdCertificate, etcdKey);
  }

  /** Whether requests without credentials are somebody, where no file says. */
  boolean anonymousAllowed() {
    return anonymous == null || anonymous;
  }

  @Option(
      names = "--max-requests-inflight",
      paramLabel = "COUNT",
      defaultValue = "400",
      description = "how many reads are answered at once (default: ${DEFAULT-VALUE})")
  int maxReads = 400;

  @Option(
      names = "--max-mutating-requests-inflight",
      paramLabel = "COUNT",
      defaultValue = "200",
      description = "how many writes are answered at once (default: ${DEFAULT-VALUE})")
  int maxWrites = 200;

  @Option(
      names = "--enable-priority-and-fairness",
      paramLabel = "BOOLEAN",
      arity = "1",
      defaultValue = "true",
      description =
          "whether the sum of both is shared by priority levels (default: ${DEFAULT-VALUE})")
  boolean fairness = true;

  @Option(
      names = "--encryption-provider-config",
      paramLabel = "FILE",
      description =
          "which resources are kept encrypted, and how: an EncryptionConfiguration of"
              + " apiserver.config.k8s.io/v1 that its owner alone may read")
  @Nullable Path encryption;

  @Option(
      names = "--encryption-provider-config-automatic-reload",
      paramLabel = "BOOLEAN",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description = "whether that file is followed when it changes (default: ${DEFAULT-VALUE})")
  boolean encryptionReload;

  @Mixin AuditOptions audit = new AuditOptions();

  @Mixin ProfilingOption profiling = new ProfilingOption();

  @Mixin SettledOptions settled = new SettledOptions();
}

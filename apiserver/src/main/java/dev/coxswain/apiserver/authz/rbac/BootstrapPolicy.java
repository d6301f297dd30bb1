package dev.coxswain.apiserver.authz.rbac;

import static dev.coxswain.apiserver.authz.rbac.PolicyObjects.named;
import static dev.coxswain.apiserver.authz.rbac.PolicyObjects.paths;
import static dev.coxswain.apiserver.authz.rbac.PolicyObjects.rule;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * The roles and bindings that every cluster starts with, under upstream's names. What our own
 * controllers and proxy need beyond upstream's roles stands in roles of ours, named {@code
 * coxswain:…}.
 */
public final class BootstrapPolicy {
  private static final String READ = "get,list,watch";
  private static final String WRITE = "create,delete,deletecollection,patch,update";
  private static final String TO_ADMIN = "rbac.authorization.k8s.io/aggregate-to-admin";
  private static final String TO_EDIT = "rbac.authorization.k8s.io/aggregate-to-edit";
  private static final String TO_VIEW = "rbac.authorization.k8s.io/aggregate-to-view";
  private static final String EVENT_GROUPS = ",events.k8s.io";

  private static final String AGGREGATION = "system:controller:clusterrole-aggregation-controller";

  /**
   * What roles of older clusters hold and need no more. The node authorizer gives a node by object
   * what its role once gave it of all.
   */
  private static final Map<String, List<PolicyRule>> RETIRED =
      Map.of(
          "system:node",
          List.of(
              rule("", "configmaps,secrets", READ),
              rule("", "pods", "create,delete," + READ),
              rule("coordination.k8s.io", "leases", "create,delete,get,patch,update"),
              rule("storage.k8s.io", "csinodes", "create,delete,get,patch,update"),
              rule("", "persistentvolumeclaims,persistentvolumes", "get"),
              rule("", "persistentvolumeclaims/status", "get,patch,update"),
              rule("storage.k8s.io", "volumeattachments", "get")),
          "coxswain:controllers",
          List.of(rule("rbac.authorization.k8s.io", "clusterroles", "escalate,bind")));

  private BootstrapPolicy() {}

  /** The rules that a role of this name once had, and that are taken from it where they stand. */
  static List<PolicyRule> retired(String role) {
    return RETIRED.getOrDefault(role, List.of());
  }

  /** The objects, in an order in which they can be created. */
  public static List<ObjectNode> objects() {
    PolicyObjects policy = new PolicyObjects();
    everybody(policy);
    people(policy);
    node(policy);
    scheduler(policy);
    controllers(policy);
    addOns(policy);
    return policy.list();
  }

  private static void everybody(PolicyObjects policy) {
    policy.clusterRole(
        "system:discovery",
        paths(
            "/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/",
            "get"));
    policy.bind("system:discovery", "system:discovery", "Group:system:authenticated");
    policy.clusterRole(
        "system:public-info-viewer", paths("/healthz,/livez,/readyz,/version,/version/", "get"));
    policy.bind(
        "system:public-info-viewer",
        "system:public-info-viewer",
        "Group:system:authenticated",
        "Group:system:unauthenticated");
    policy.clusterRole(
        "system:basic-user",
        rule("authorization.k8s.io", "selfsubjectaccessreviews,selfsubjectrulesreviews", "create"),
        rule("authentication.k8s.io", "selfsubjectreviews", "create"));
    policy.bind("system:basic-user", "system:basic-user", "Group:system:authenticated");
    policy.clusterRole(
        "system:monitoring",
        paths(
            "/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*", "get"));
    policy.bind("system:monitoring", "system:monitoring", "Group:system:monitoring");
    policy.clusterRole(
        "system:service-account-issuer-discovery",
        paths(
            "/.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/",
            "get"));
    policy.bind(
        "system:service-account-issuer-discovery",
        "system:service-account-issuer-discovery",
        "Group:system:serviceaccounts");
  }

  private static void people(PolicyObjects policy) {
    policy.clusterRole("cluster-admin", rule("*", "*", "*"), paths("*", "*"));
    policy.bind("cluster-admin", "cluster-admin", "Group:system:masters");
    policy.bind("kubeadm:cluster-admins", "cluster-admin", "Group:kubeadm:cluster-admins");
    policy.aggregate("admin", Map.of(), TO_ADMIN);
    policy.aggregate("edit", Map.of(TO_ADMIN, "true"), TO_EDIT);
    policy.aggregate("view", Map.of(TO_EDIT, "true"), TO_VIEW);
    policy.clusterRole(
        "system:aggregate-to-admin",
        Map.of(TO_ADMIN, "true"),
        rule("authorization.k8s.io", "localsubjectaccessreviews", "create"),
        rule("rbac.authorization.k8s.io", "roles,rolebindings", READ + "," + WRITE));
    policy.clusterRole(
        "system:aggregated-metrics-reader",
        Map.of(TO_ADMIN, "true", TO_EDIT, "true", TO_VIEW, "true"),
        rule("metrics.k8s.io", "nodes,pods", READ));
    policy.clusterRole(
        "system:aggregate-to-edit",
        Map.of(TO_EDIT, "true"),
        rule("", "pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy", READ),
        rule("", "serviceaccounts", "impersonate"),
        rule("", "pods,pods/attach,pods/exec,pods/portforward,pods/proxy", WRITE),
        rule("", "pods/eviction", "create"),
        rule(
            "",
            "configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy",
            WRITE),
        rule("", "serviceaccounts/token", "create"),
        rule(
            "apps",
            "daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale",
            WRITE),
        rule("autoscaling", "horizontalpodautoscalers", WRITE),
        rule("batch", "cronjobs,jobs", WRITE),
        rule("policy", "poddisruptionbudgets", WRITE),
        rule("networking.k8s.io", "ingresses,networkpolicies", WRITE),
        rule("resource.k8s.io", "resourceclaims,resourceclaimtemplates", WRITE),
        rule("coordination.k8s.io", "leases", READ + "," + WRITE));
    policy.clusterRole(
        "system:aggregate-to-view",
        Map.of(TO_VIEW, "true"),
        rule(
            "",
            "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,"
                + "serviceaccounts,services,services/status,bindings,events,limitranges,namespaces/status,pods/log,pods/status,"
                + "replicationcontrollers/status,resourcequotas,resourcequotas/status,namespaces",
            READ),
        rule("discovery.k8s.io", "endpointslices", READ),
        rule(
            "apps",
            "controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,"
                + "replicasets/status,statefulsets,statefulsets/scale,statefulsets/status",
            READ),
        rule("autoscaling", "horizontalpodautoscalers,horizontalpodautoscalers/status", READ),
        rule("batch", "cronjobs,cronjobs/status,jobs,jobs/status", READ),
        rule("policy", "poddisruptionbudgets,poddisruptionbudgets/status", READ),
        rule("networking.k8s.io", "ingresses,ingresses/status,networkpolicies", READ),
        rule(
            "resource.k8s.io",
            "resourceclaims,resourceclaims/status,resourceclaimtemplates",
            READ));
  }

  /**
   * What a node may do; its pods, their secrets, config maps, claims and volumes, and what bears
   * its name are for the node authorizer to give.
   */
  private static void node(PolicyObjects policy) {
    policy.clusterRole(
        "system:node",
        rule("authentication.k8s.io", "tokenreviews", "create"),
        rule("authorization.k8s.io", "localsubjectaccessreviews,subjectaccessreviews", "create"),
        rule("", "services", READ),
        rule("", "nodes", "create," + READ + ",patch,update"),
        rule("", "nodes/status", "patch,update"),
        rule(EVENT_GROUPS, "events", "create,patch,update"),
        rule("", "pods", "create,delete"),
        rule("", "pods/status", "patch,update"),
        rule("", "pods/eviction", "create"),
        rule("", "endpoints", "get"),
        rule("certificates.k8s.io", "certificatesigningrequests", "create," + READ),
        rule("", "serviceaccounts/token", "create"),
        rule("storage.k8s.io", "csidrivers", READ),
        rule("node.k8s.io", "runtimeclasses", READ));
    policy.bind("system:node", "system:node", "Group:system:nodes");
    policy.clusterRole(
        "system:node-proxier",
        rule("", "endpoints,services", "list,watch"),
        rule("", "nodes", READ),
        rule(EVENT_GROUPS, "events", "create,patch,update"),
        rule("discovery.k8s.io", "endpointslices", "list,watch"));
    policy.bind("system:node-proxier", "system:node-proxier", "User:system:kube-proxy");
    policy.clusterRole(
        "coxswain:node-network",
        rule("", "namespaces,pods", "list,watch"),
        rule("networking.k8s.io", "networkpolicies", "list,watch"));
    policy.bind("coxswain:node-network", "coxswain:node-network", "User:system:kube-proxy");
    policy.clusterRole(
        "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
        rule("certificates.k8s.io", "certificatesigningrequests/nodeclient", "create"));
    policy.clusterRole(
        "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
        rule("certificates.k8s.io", "certificatesigningrequests/selfnodeclient", "create"));
    // A node renews its own certificate without anybody's help.
    policy.bind(
        "kubeadm:node-autoapprove-certificate-rotation",
        "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
        "Group:system:nodes");
    policy.clusterRole(
        "system:kubelet-api-admin",
        rule("", "nodes", READ + ",proxy"),
        rule("", "nodes/log,nodes/metrics,nodes/proxy,nodes/stats", "*"),
        rule("", "nodes/configz,nodes/healthz,nodes/pods", "*"));
  }

  private static void scheduler(PolicyObjects policy) {
    policy.clusterRole(
        "system:kube-scheduler",
        rule(EVENT_GROUPS, "events", "create,patch,update"),
        rule("coordination.k8s.io", "leases", "create"),
        named("coordination.k8s.io", "leases", "kube-scheduler", "get,update"),
        rule(
            "coordination.k8s.io",
            "leasecandidates",
            "create,delete,deletecollection," + READ + ",patch,update"),
        rule("", "nodes,namespaces", READ),
        rule("", "pods", "delete," + READ),
        rule("", "bindings,pods/binding", "create"),
        rule("", "pods/status", "patch,update"),
        rule("", "replicationcontrollers,services", READ),
        rule("apps", "replicasets,statefulsets", READ),
        rule("policy", "poddisruptionbudgets", READ),
        rule("", "persistentvolumeclaims,persistentvolumes", READ),
        rule("authentication.k8s.io", "tokenreviews", "create"),
        rule("authorization.k8s.io", "subjectaccessreviews", "create"),
        rule(
            "storage.k8s.io",
            "csidrivers,csinodes,csistoragecapacities,storageclasses,volumeattachments",
            READ));
    policy.bind("system:kube-scheduler", "system:kube-scheduler", "User:system:kube-scheduler");
    policy.clusterRole(
        "system:volume-scheduler",
        rule("", "persistentvolumes", READ + ",patch,update"),
        rule("storage.k8s.io", "storageclasses", READ),
        rule("", "persistentvolumeclaims", READ + ",patch,update"));
    policy.bind("system:volume-scheduler", "system:volume-scheduler", "User:system:kube-scheduler");
    // A Job says on itself how many of its pods must run at once.
    policy.clusterRole("coxswain:gang-scheduler", rule("batch", "jobs", READ));
    policy.bind("coxswain:gang-scheduler", "coxswain:gang-scheduler", "User:system:kube-scheduler");
    // Who waits to lead watches the lease, instead of asking for it again and again.
    policy.clusterRole(
        "coxswain:waiting-scheduler",
        named("coordination.k8s.io", "leases", "kube-scheduler", "watch"));
    policy.bind(
        "coxswain:waiting-scheduler", "coxswain:waiting-scheduler", "User:system:kube-scheduler");
  }

  private static void controllers(PolicyObjects policy) {
    policy.clusterRole(
        "system:kube-controller-manager",
        rule(EVENT_GROUPS, "events", "create,patch,update"),
        rule("coordination.k8s.io", "leases", "create"),
        named("coordination.k8s.io", "leases", "kube-controller-manager", "get,update"),
        rule("", "secrets,serviceaccounts", "create,delete,get,update"),
        rule("authentication.k8s.io", "tokenreviews", "create"),
        rule("authorization.k8s.io", "subjectaccessreviews", "create"),
        rule("*", "*", "list,watch"),
        rule("", "serviceaccounts/token", "create"));
    policy.bind(
        "system:kube-controller-manager",
        "system:kube-controller-manager",
        "User:system:kube-controller-manager");
    // All controllers run under one identity: this is the union of what upstream gives them one by
    // one. Garbage collection and namespace
    // deletion must reach every kind; creating is granted kind by kind.
    policy.clusterRole(
        "coxswain:controllers",
        rule("*", "*", READ + ",delete,deletecollection,patch,update"),
        rule(
            "",
            "configmaps,endpoints,persistentvolumeclaims,persistentvolumes,pods,pods/binding,pods/eviction,serviceaccounts,resourcequotas",
            "create"),
        rule("apps", "controllerrevisions,replicasets", "create"),
        rule("batch", "jobs", "create"),
        rule("discovery.k8s.io", "endpointslices", "create"),
        rule("storage.k8s.io", "volumeattachments", "create"),
        rule("certificates.k8s.io", "signers", "approve,sign"),
        rule("authorization.k8s.io", "subjectaccessreviews", "create"));
    policy.bind(
        "coxswain:controllers", "coxswain:controllers", "User:system:kube-controller-manager");
    // It writes into roles what others hold, and not itself.
    policy.clusterRole(
        AGGREGATION,
        rule("rbac.authorization.k8s.io", "clusterroles", "escalate," + READ + ",patch,update"));
    policy.bind(AGGREGATION, AGGREGATION, "User:system:kube-controller-manager");
  }

  private static void addOns(PolicyObjects policy) {
    policy.clusterRole(
        "system:auth-delegator",
        rule("authentication.k8s.io", "tokenreviews", "create"),
        rule("authorization.k8s.io", "subjectaccessreviews", "create"));
    policy.clusterRole(
        "system:node-bootstrapper",
        rule("certificates.k8s.io", "certificatesigningrequests", "create," + READ));
    policy.clusterRole(
        "system:persistent-volume-provisioner",
        rule("", "persistentvolumes", "create,delete," + READ),
        rule("", "persistentvolumeclaims", READ + ",update"),
        rule("storage.k8s.io", "storageclasses", READ),
        rule("", "events", "watch,create,patch,update"));
    policy.clusterRole(
        "system:node-problem-detector",
        rule("", "nodes", "get"),
        rule("", "nodes/status", "patch"),
        rule(EVENT_GROUPS, "events", "create,patch,update"));
    policy.clusterRole("system:kube-dns", rule("", "endpoints,services", "list,watch"));
    policy.bind("system:kube-dns", "system:kube-dns", "ServiceAccount:kube-system:kube-dns");
    policy.clusterRole("system:kube-aggregator", rule("", "endpoints,services", READ));
    // Who approves requests for certificates in a person's place is given one of these.
    for (String signer :
        List.of(
            "kube-apiserver-client",
            "kube-apiserver-client-kubelet",
            "kubelet-serving",
            "legacy-unknown")) {
      policy.clusterRole(
          "system:certificates.k8s.io:" + signer + "-approver",
          named("certificates.k8s.io", "signers", "kubernetes.io/" + signer, "approve"));
    }
    policy.role(
        "kube-system",
        "extension-apiserver-authentication-reader",
        named("", "configmaps", "extension-apiserver-authentication", READ));
    policy.bindRole(
        "kube-system",
        "system::extension-apiserver-authentication-reader",
        "extension-apiserver-authentication-reader",
        "User:system:kube-controller-manager",
        "User:system:kube-scheduler");
  }
}

package dev.coxswain.scheduler.model;

import dev.coxswain.api.selector.LabelSelector;

/**
 * How evenly pods are to be spread.
 *
 * @param maxSkew how many pods more one domain may have than the emptiest
 * @param topologyKey the node label whose values are the domains
 * @param required whether a pod rather waits than break it
 * @param selector which pods of the namespace count
 * @param minDomains with fewer domains than this, the emptiest counts as empty
 * @param honorNodeAffinity whether nodes that the pod does not select are left out of account
 * @param honorNodeTaints whether nodes whose taints the pod does not tolerate are
 */
public record SpreadConstraint(
    int maxSkew,
    String topologyKey,
    boolean required,
    LabelSelector selector,
    int minDomains,
    boolean honorNodeAffinity,
    boolean honorNodeTaints) {}

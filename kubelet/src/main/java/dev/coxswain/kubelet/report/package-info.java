/** What the kubelet's API tells of resource use: the stats summary and metrics. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.kubelet.report;

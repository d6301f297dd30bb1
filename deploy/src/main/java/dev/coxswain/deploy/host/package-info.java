/** What the machine offers: commands, processes, cgroups, network namespaces. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.host;

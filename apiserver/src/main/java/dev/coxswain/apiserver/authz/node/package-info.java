/** What a node may read beyond its role: only what its own pods refer to. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.apiserver.authz.node;

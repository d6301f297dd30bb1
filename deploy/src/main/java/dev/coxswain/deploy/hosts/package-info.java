/** A cluster on hosts of one's own: what each of them needs, made in one place. */
@org.jspecify.annotations.NullMarked
package dev.coxswain.deploy.hosts;

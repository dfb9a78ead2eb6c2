/** The architectures, one file each, in timm's names. */
package ocellus.models.arch;

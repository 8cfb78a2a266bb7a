/* Linked into the static program alone: host names come from /etc/hosts and DNS, whatever nsswitch.conf says. What else it may
 * name are plug-ins of the machine's C library, and a static program that loads those of another version than it was built
 * from can crash. */
#include <nss.h>

__attribute__((constructor)) static void use_hosts_and_dns(void)
{
    __nss_configure_lookup("hosts", "files dns");
}

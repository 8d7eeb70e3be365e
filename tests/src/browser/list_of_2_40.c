/* A module as it was before PKCS#11 3.0: the list of functions of another, and nothing beside it.
 * OpenSC's spy (0.23) breaks down when NSS asks a module for an interface that it does not have. */
#include <dlfcn.h>
#include <stddef.h>

unsigned long C_GetFunctionList(void **list)
{
	void *module = dlopen(MODULE, RTLD_NOW);
	unsigned long (*get)(void **) = NULL;

	if (module)
		*(void **)&get = dlsym(module, "C_GetFunctionList");
	return get ? get(list) : 5 /* CKR_GENERAL_ERROR */;
}

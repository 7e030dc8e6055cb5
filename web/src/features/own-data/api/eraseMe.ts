import { api, told } from "@/lib/api/client";

/** Closes one's own account now; everything is erased some days later. */
export const eraseMe = () => told(api.POST("/api/me/erase", { body: { confirm: "erase everything" } }));

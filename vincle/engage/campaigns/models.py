from .models_promotions import PromoCode, PromoGift, Promotion, PromoUse

__all__ = ["PromoCode", "PromoGift", "PromoUse", "Promotion"]
